using Orleans;

namespace HeliosEdge.Grains.ContractTests;

[Trait("Category", "Slow")]
public sealed class LifetimeTests
{
    [Fact]
    public async Task However_many_call_a_key_first_it_is_activated_once()
    {
        await using var host = await TestHost.StartAsync();

        var instances = await Task.WhenAll(Enumerable.Range(0, 200).Select(caller => Task.Run(() => host.Reentrant("a", caller).WhoAsync())));

        instances.Distinct().Count().ShouldBe(1);
        host.Log.Activations("a").ShouldBe(1);
    }

    [Fact]
    public async Task Every_key_is_a_grain_of_its_own()
    {
        await using var host = await TestHost.StartAsync();

        await host.Plain("a").AddCarefullyAsync(1);

        (await host.Plain("b").AddCarefullyAsync(10)).ShouldBe(10);
        host.Plain("b").GetPrimaryKeyString().ShouldBe("b");
    }

    [Fact]
    public async Task A_reference_activates_nothing_by_itself()
    {
        await using var host = await TestHost.StartAsync();

        host.Plain();

        host.Log.Activations("a").ShouldBe(0);
    }

    [Fact]
    public async Task A_grain_that_fails_to_activate_fails_its_callers_and_is_tried_again_by_the_next()
    {
        await using var host = await TestHost.StartAsync();
        host.Log.LetFail("a", true);
        var calls = Enumerable.Range(0, 5).Select(_ => host.Plain().WhoAsync()).ToArray();
        foreach (var call in calls)
        {
            (await Should.ThrowAsync<InvalidOperationException>(call)).Message.ShouldBe("This key fails to activate.");
        }

        host.Log.LetFail("a", false);

        (await host.Plain().WhoAsync()).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_grain_that_leaves_is_followed_by_a_new_one()
    {
        await using var host = await TestHost.StartAsync();
        var before = await host.Plain().WhoAsync();

        await host.Plain().LeaveAsync();

        (await host.Plain().WhoAsync()).ShouldNotBe(before);
        host.Log.Deactivations.ShouldBe([("a", DeactivationReasonCode.ApplicationRequested)]);
    }

    [Fact]
    public async Task An_idle_grain_goes_and_a_busy_one_stays()
    {
        await using var host = await TestHost.StartAsync(HostTimes.Forgetful);
        var busy = host.Plain("busy").WaitForGateAsync("gate");
        await host.Plain("idle").WhoAsync();

        await Eventually.HoldsAsync("the idle grain to go", () => host.Log.Deactivations.Contains(("idle", DeactivationReasonCode.ActivationIdle)));

        host.Log.Deactivations.ShouldNotContain(entry => entry.Key == "busy");
        host.Log.Open("gate");
        await busy;
        await host.Plain("idle").WhoAsync();
        host.Log.Activations("idle").ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task At_the_end_every_grain_leaves()
    {
        await using var host = await TestHost.StartAsync();
        await host.Plain("a").WhoAsync();
        await host.Plain("b").WhoAsync();

        await host.StopAsync();

        host.Log.Deactivations.Order().ShouldBe([("a", DeactivationReasonCode.ShuttingDown), ("b", DeactivationReasonCode.ShuttingDown)]);
    }
}
