namespace HeliosEdge.Grains.ContractTests;

public sealed class TurnTests
{
    [Fact]
    public async Task A_plain_grain_serves_one_request_at_a_time()
    {
        await using var host = await TestHost.StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 500).Select(caller => host.Plain("a", caller).AddCarefullyAsync(1)));

        (await host.Plain().AddCarefullyAsync(0)).ShouldBe(500);
    }

    [Fact]
    public async Task A_reentrant_grain_begins_a_request_while_another_waits()
    {
        await using var host = await TestHost.StartAsync();

        var waiting = host.Reentrant().WaitAsync();
        waiting.IsCompleted.ShouldBeFalse();
        await host.Reentrant().OpenAsync();

        await waiting;
    }

    [Fact]
    public async Task A_plain_grain_does_not()
    {
        await using var host = await TestHost.StartAsync();

        var waiting = host.Plain().WaitForGateAsync("gate");
        await Eventually.HoldsAsync("the first request", () => host.Log.Inside("gate") == 1);
        var second = host.Plain("a", 1).AddCarefullyAsync(1);
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
        await using var host = await TestHost.StartAsync();

        var turns = await Task.WhenAll(Enumerable.Range(0, 64).Select(caller => Task.Run(() =>
            (reentrant ? (IProbe)host.Reentrant("a", caller) : host.Plain("a", caller)).TurnsAsync(100))));

        turns.Sum().ShouldBe(6_400);
    }

    [Fact]
    public async Task A_stateless_worker_has_as_many_activations_beside_its_callers_as_it_may_and_no_more()
    {
        await using var host = await TestHost.StartAsync();

        var calls = Enumerable.Range(0, 3).Select(_ => host.Worker().WaitForGateAsync("gate")).ToArray();
        await Eventually.HoldsAsync("two workers", () => host.Log.Inside("gate") == 2);
        await Task.Delay(50);
        host.Log.Inside("gate").ShouldBe(2);
        host.Log.Activations("a").ShouldBe(2);
        host.Log.Open("gate");

        await Task.WhenAll(calls);
        host.Log.Inside("gate").ShouldBe(3);
    }
}
