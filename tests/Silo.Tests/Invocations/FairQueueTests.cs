using System.Text.Json.Nodes;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Invocations;

[Trait("Category", "Slow")]
public sealed class FairQueueTests
{
    [Fact]
    public async Task Queued_calls_of_one_region_that_never_end_keep_no_other_regions_from_running()
    {
        // Two attempts at once.
        await using var silo = await TestSilo.StartAsync(regions: ["slow", "quick"], guests: new GuestThreadOptions { Threads = 4 });
        await silo.DeployAsync("spin", "spin", limits: new JsonObject { ["timeoutMs"] = 60_000 });
        await silo.DeployAsync("echo", "echo");
        var slow = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            slow.Add(await Queued.AcceptAsync(silo.Http, "/v1/functions/spin/invoke-async?region=slow", new ByteArrayContent([])));
        }

        await Eventually.HoldsAsync("as many of them run as may", async () => await RunningAsync() == 2);
        for (var i = 0; i < 3; i++)
        {
            var quick = await Queued.AcceptAsync(silo.Http, "/v1/functions/echo/invoke-async?region=quick", new StringContent("x"));
            (await Answer.JsonAsync(await silo.Http.GetAsync($"{quick}?wait=60s")))["state"]!.GetValue<string>().ShouldBe("succeeded");
        }

        // None of them has ended: each is in its first attempt, or in none.
        (await RunningAsync()).ShouldBe(2);
        (await AttemptsAsync()).Sum().ShouldBe(2);
        foreach (var path in slow)
        {
            (await silo.Http.DeleteAsync(path)).EnsureSuccessStatusCode();
        }

        async Task<int> RunningAsync() => (await StatusesAsync()).Count(status => status["state"]!.GetValue<string>() == "running");

        async Task<IEnumerable<int>> AttemptsAsync() => (await StatusesAsync()).Select(status => status["attempt"]!.GetValue<int>());

        async Task<JsonNode[]> StatusesAsync() => await Task.WhenAll(slow.Select(async path => await Answer.JsonAsync(await silo.Http.GetAsync(path))));
    }
}
