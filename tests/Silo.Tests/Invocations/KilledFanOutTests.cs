using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Invocations;

/// <summary>Durable fan-outs whose silo is killed while they run.</summary>
[Trait("Category", "Process")]
public sealed class KilledFanOutTests
{
    private static readonly string[] Bodies =
    [
        """{"mode": "all", "payload": "x"}""",
        """{"mode": "first", "payload": "x"}""",
        """{"mode": "quorum", "quorum": 2, "payload": "x"}""",
    ];

    [Fact]
    public async Task Fan_outs_are_decided_after_a_restart_and_what_they_need_no_more_is_cancelled()
    {
        using var folder = new TemporaryFolder();
        var accepted = new List<string>();
        await using (var silo = Start(folder))
        {
            using var http = new HttpClient { BaseAddress = await silo.AddressAsync() };
            await PeerProcesses.DeployAsync(http, "work", "spin", timeoutMs: 60_000);
            foreach (var body in Bodies)
            {
                accepted.Add(await Queued.AcceptAsync(http, "/v1/functions/work/fanout-async", Queued.Json(body)));
            }

            await Eventually.HoldsAsync("all of them run", async () =>
            {
                var states = new List<string>();
                foreach (var path in accepted)
                {
                    states.AddRange(StatesOf(await Answer.JsonAsync(await http.GetAsync(path))));
                }

                return states.Count == 9 && states.All(state => state == "running");
            });
            await silo.KillAsync();
        }

        await using var again = Start(folder);
        using var client = new HttpClient { BaseAddress = await again.AddressAsync(), Timeout = TimeSpan.FromMinutes(2) };
        await PeerProcesses.DeployAsync(client, "work", "echo");
        foreach (var path in accepted)
        {
            var done = await Answer.JsonAsync(await client.GetAsync($"{path}?wait=60s"));
            done["state"]!.GetValue<string>().ShouldBe("succeeded", done.ToJsonString());
            var needed = done["needed"]!.GetValue<int>();
            await Eventually.HoldsAsync("nothing of it runs on", async () =>
            {
                done = await Answer.JsonAsync(await client.GetAsync(path));
                return StatesOf(done).All(state => state is "succeeded" or "cancelled") && done["expiresAt"] is not null;
            });
            StatesOf(done).Count(state => state == "succeeded").ShouldBeGreaterThanOrEqualTo(needed);
            done["regions"]!.AsArray().Where(region => region!["state"]!.GetValue<string>() == "succeeded")
                .ShouldAllBe(region => region!["result"]!.GetValue<string>() == "x" && region["attempt"]!.GetValue<int>() == 2);
        }
    }

    private static SiloProcess Start(TemporaryFolder folder) => SiloProcess.Start(
        "--data", folder.Path, "--urls", "http://127.0.0.1:0", "--regions", "eu-west,us-east,ap-south", "--guest-threads", "20");

    private static IEnumerable<string> StatesOf(JsonNode fanOut) =>
        fanOut["regions"]!.AsArray().Select(region => region!["state"]!.GetValue<string>());
}
