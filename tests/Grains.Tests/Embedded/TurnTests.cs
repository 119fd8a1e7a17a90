namespace HeliosEdge.Grains.Tests.Embedded;

public sealed class TurnTests
{
    [Fact]
    public async Task A_plain_grain_serves_one_request_at_a_time()
    {
        await using var host = new EmbeddedHost();

        await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => host.Plain().AddCarefullyAsync(1)));

        (await host.Plain().AddCarefullyAsync(0)).ShouldBe(500);
    }

    [Fact]
    public async Task Requests_of_one_caller_are_served_in_their_order()
    {
        await using var host = new EmbeddedHost();
        var probe = host.Plain();

        var sums = await Task.WhenAll(Enumerable.Range(1, 100).Select(_ => probe.AddCarefullyAsync(1)));

        sums.ShouldBe(Enumerable.Range(1, 100));
    }

    [Fact]
    public async Task A_reentrant_grain_begins_a_request_while_another_waits()
    {
        await using var host = new EmbeddedHost();

        var waiting = host.Reentrant().WaitAsync();
        waiting.IsCompleted.ShouldBeFalse();
        await host.Reentrant().OpenAsync();

        await waiting;
    }

    [Fact]
    public async Task A_plain_grain_does_not()
    {
        await using var host = new EmbeddedHost();

        var waiting = host.Plain().WaitForGateAsync("gate");
        await EmbeddedHost.UntilAsync(() => host.Log.Inside("gate") == 1, "the first request");
        var second = host.Plain().AddCarefullyAsync(1);
        await Task.Delay(50);
        second.IsCompleted.ShouldBeFalse();
        host.Log.Open("gate");

        await waiting;
        (await second).ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Turns_never_overlap(bool reentrant)
    {
        await using var host = new EmbeddedHost();
        IProbe probe = reentrant ? host.Reentrant() : host.Plain();

        var turns = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => probe.TurnsAsync(100))));

        turns.Sum().ShouldBe(6_400);
    }

    [Fact]
    public async Task After_an_await_a_grain_is_back_in_its_activation()
    {
        await using var host = new EmbeddedHost();

        (await host.Plain().ComesBackAsync()).ShouldBeTrue();
        (await host.Reentrant().ComesBackAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task The_caller_goes_on_outside_of_the_grains_turn()
    {
        await using var host = new EmbeddedHost();

        await Task.Run(async () =>
        {
            await host.Plain().WhoAsync();
            SynchronizationContext.Current.ShouldBeNull();

            // If this ran within the turn that answered, the grain could never answer the next call.
            Answers(host.Plain().WhoAsync()).ShouldBeTrue();
        });
    }

    [Fact]
    public async Task A_stateless_worker_has_as_many_activations_as_it_may_and_no_more()
    {
        await using var host = new EmbeddedHost();

        var calls = Enumerable.Range(0, 3).Select(_ => host.Worker().WaitForGateAsync("gate")).ToArray();
        await EmbeddedHost.UntilAsync(() => host.Log.Inside("gate") == 2, "two workers");
        await Task.Delay(50);
        host.Log.Inside("gate").ShouldBe(2);
        host.Log.Activations("a").ShouldBe(2);
        host.Log.Open("gate");

        await Task.WhenAll(calls);
        host.Log.Inside("gate").ShouldBe(3);
    }

    [Fact]
    public async Task An_idle_stateless_worker_is_used_again()
    {
        await using var host = new EmbeddedHost();

        for (var i = 0; i < 10; i++)
        {
            await host.Worker().WhoAsync();
        }

        host.Log.Activations("a").ShouldBe(1);
    }

    private static bool Answers(Task call) => call.Wait(TimeSpan.FromSeconds(30));
}
