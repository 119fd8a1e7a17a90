using Orleans;

namespace HeliosEdge.Grains.ContractTests.Embedded;

public sealed class LifetimeTests
{
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
