using Orleans;

namespace HeliosEdge.Grains.Tests.Embedded;

public sealed class LifetimeTests
{
    [Fact]
    public async Task However_many_call_a_key_first_it_is_activated_once()
    {
        await using var host = new EmbeddedHost();

        var instances = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => host.Reentrant().WhoAsync())));

        instances.Distinct().Count().ShouldBe(1);
        host.Log.Activations("a").ShouldBe(1);
    }

    [Fact]
    public async Task Every_key_is_a_grain_of_its_own()
    {
        await using var host = new EmbeddedHost();

        await host.Plain("a").AddCarefullyAsync(1);

        (await host.Plain("b").AddCarefullyAsync(10)).ShouldBe(10);
        host.Plain("b").GetPrimaryKeyString().ShouldBe("b");
    }

    [Fact]
    public async Task A_reference_activates_nothing_by_itself()
    {
        await using var host = new EmbeddedHost();

        host.Plain();

        host.Log.Activations("a").ShouldBe(0);
    }

    [Fact]
    public async Task A_grain_that_fails_to_activate_fails_its_callers_and_is_tried_again_by_the_next()
    {
        await using var host = new EmbeddedHost();
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
        await using var host = new EmbeddedHost();
        var before = await host.Plain().WhoAsync();

        await host.Plain().LeaveAsync();

        (await host.Plain().WhoAsync()).ShouldNotBe(before);
        host.Log.Deactivations.ShouldBe([("a", DeactivationReasonCode.ApplicationRequested)]);
    }

    [Fact]
    public async Task Requests_that_come_while_a_grain_leaves_are_all_served()
    {
        await using var host = new EmbeddedHost();

        var served = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(async () =>
        {
            if (i % 10 == 0)
            {
                await host.Reentrant().LeaveAsync();
            }

            return await host.Reentrant().TurnsAsync(3);
        })));

        served.Sum().ShouldBe(900);

        // Each but the last was deactivated before its successor was activated.
        await EmbeddedHost.UntilAsync(() => host.Log.Deactivations.Count >= host.Log.Activations("a") - 1, "the last deactivation");
        host.Log.Activations("a").ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task A_grain_that_never_stays_is_not_tried_for_ever()
    {
        await using var host = new EmbeddedHost();

        var refused = await Should.ThrowAsync<InvalidOperationException>(host.Plain("leaves at once").WhoAsync());

        refused.Message.ShouldContain("deactivated before they served anything");
    }

    [Fact]
    public async Task An_idle_grain_goes_and_a_busy_one_stays()
    {
        await using var host = new EmbeddedHost(options =>
        {
            options.IdleAge = TimeSpan.FromMilliseconds(100);
            options.SweepInterval = TimeSpan.FromMilliseconds(10);
        });
        var busy = host.Plain("busy").WaitForGateAsync("gate");
        await host.Plain("idle").WhoAsync();

        await EmbeddedHost.UntilAsync(() => host.Log.Deactivations.Contains(("idle", DeactivationReasonCode.ActivationIdle)), "the idle grain to go");

        host.Log.Deactivations.ShouldNotContain(entry => entry.Key == "busy");
        host.Log.Open("gate");
        await busy;
        await host.Plain("idle").WhoAsync();
        host.Log.Activations("idle").ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task At_the_end_every_grain_finishes_what_it_does_and_leaves()
    {
        await using var host = new EmbeddedHost();
        var running = host.Plain("a").WaitForGateAsync("gate");
        await host.Plain("b").WhoAsync();
        await EmbeddedHost.UntilAsync(() => host.Log.Inside("gate") == 1, "the request");

        var stopping = host.StopAsync();
        var refused = await Should.ThrowAsync<InvalidOperationException>(host.Plain("c").WhoAsync());
        stopping.IsCompleted.ShouldBeFalse();
        host.Log.Open("gate");
        await stopping;

        refused.Message.ShouldContain("stopping");
        running.IsCompletedSuccessfully.ShouldBeTrue();
        host.Log.Deactivations.Order().ShouldBe([("a", DeactivationReasonCode.ShuttingDown), ("b", DeactivationReasonCode.ShuttingDown)]);
    }

    [Fact]
    public void A_grain_is_made_by_the_host_alone() =>
        Should.Throw<InvalidOperationException>(() => new PlainProbe(new ProbeLog())).Message.ShouldContain("IGrainFactory");
}
