namespace HeliosEdge.Grains.ContractTests.Embedded;

public sealed class TurnTests
{
    [Fact]
    public async Task Requests_of_one_caller_are_served_in_their_order()
    {
        await using var host = new EmbeddedHost();
        var probe = host.Plain();

        var sums = await Task.WhenAll(Enumerable.Range(1, 100).Select(_ => probe.AddCarefullyAsync(1)));

        sums.ShouldBe(Enumerable.Range(1, 100));
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
