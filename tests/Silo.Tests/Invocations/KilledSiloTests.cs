using System.Net;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Invocations;

public sealed class KilledSiloTests
{
    private const int Count = 1_000;

    [Fact]
    public async Task A_thousand_accepted_invocations_all_succeed_once_although_the_silo_is_killed_among_them()
    {
        using var folder = new TemporaryFolder();
        string[] ids;
        await using (var silo = SiloProcess.Start("--data", folder.Path, "--urls", "http://127.0.0.1:0"))
        {
            using var http = new HttpClient { BaseAddress = await silo.AddressAsync() };
            var module = await Answer.JsonAsync(await http.PutAsync("/v1/modules", new ByteArrayContent(TestSilo.Guest("echo"))));
            await Answer.JsonAsync(await http.PutAsync(
                "/v1/functions/work",
                new StringContent(new JsonObject { ["module"] = module["hash"]!.GetValue<string>(), ["maxAttempts"] = 20 }.ToJsonString(), null, "application/json")));
            ids = await Task.WhenAll(Enumerable.Range(0, Count).Select(i => EnqueueAsync(http, i)));
            await silo.KillAsync();
        }

        ids.Distinct().Count().ShouldBe(Count);
        await using var again = SiloProcess.Start("--data", folder.Path, "--urls", "http://127.0.0.1:0");
        using var client = new HttpClient { BaseAddress = await again.AddressAsync(), Timeout = TimeSpan.FromMinutes(3) };
        var left = await CountAsync(client, "queued") + await CountAsync(client, "running");
        left.ShouldBeGreaterThan(0, "the silo was killed too late to prove anything");
        for (var i = 0; i < Count; i++)
        {
            var done = await Answer.JsonAsync(await client.GetAsync($"/v1/invocations/{ids[i]}?wait=60s"));
            done["state"]!.GetValue<string>().ShouldBe("succeeded", done.ToJsonString());
            done["result"]!.GetValue<string>().ShouldBe($"{i}");
        }

        (await CountAsync(client, "succeeded")).ShouldBe(Count);
        (await CountAsync(client, "dead")).ShouldBe(0);
    }

    private static async Task<string> EnqueueAsync(HttpClient http, int number)
    {
        using var accepted = await http.PostAsync("/v1/functions/work/invoke-async", new StringContent($"{number}"));
        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        return (await Answer.JsonAsync(accepted))["id"]!.GetValue<string>();
    }

    private static async Task<int> CountAsync(HttpClient http, string state) =>
        (await Answer.JsonAsync(await http.GetAsync($"/v1/invocations?state={state}&limit=1000")))["invocations"]!.AsArray().Count;
}
