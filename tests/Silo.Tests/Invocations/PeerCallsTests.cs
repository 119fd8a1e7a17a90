using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Invocations;

/// <summary>Fan-outs and queued calls over regions of other silos, of which one is killed.</summary>
[Trait("Category", "Process")]
public sealed class PeerCallsTests
{
    private const string All = """{"regions": ["east", "west", "north"], "payload": "x"}""";
    private const string First = """{"regions": ["east", "west", "north"], "mode": "first", "payload": "x"}""";
    private const string Quorum = """{"regions": ["east", "west", "north"], "mode": "quorum", "quorum": 2, "payload": "x"}""";

    [Fact]
    public async Task A_fan_out_goes_on_without_a_silo_that_is_killed_and_interrupts_the_guests_that_it_needs_no_more()
    {
        await using var silos = await PeerProcesses.StartAsync();
        await DeployEverywhereAsync(silos, "echo", "echo", "echo");
        await DeployEverywhereAsync(silos, "stuck", "echo", "spin");
        (await LinesAsync(silos.East, "echo", All)).ShouldSatisfyAllConditions(
            lines => lines[..^1].Select(RegionOf).ShouldBe(["east", "west", "north"], ignoreOrder: true),
            lines => lines[^1]["summary"]!["satisfied"]!.GetValue<bool>().ShouldBeTrue());

        // More of them than west has guest threads: one that went on would be in the way of the next.
        for (var times = 0; times < 3; times++)
        {
            var first = await LinesAsync(silos.East, "stuck", First);
            first.Length.ShouldBe(2);
            RegionOf(first[0]).ShouldBeOneOf("east", "north");
            var quorum = await LinesAsync(silos.East, "stuck", Quorum);
            quorum[..^1].Select(RegionOf).ShouldBe(["east", "north"], ignoreOrder: true);
            (quorum[^1]["summary"]!["satisfied"]!.GetValue<bool>(), quorum[^1]["summary"]!["cancelled"]!.GetValue<int>()).ShouldBe((true, 1));
        }

        using var after = await silos.West.PostAsync("/v1/functions/echo/invoke", new StringContent("free"));
        (await after.Content.ReadAsStringAsync()).ShouldBe("free");

        using var answer = await AskAsync(silos.East, "stuck", All);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        string[] healthy = [RegionOf(await NextAsync(reader)), RegionOf(await NextAsync(reader))];
        healthy.ShouldBe(["east", "north"], ignoreOrder: true);
        await silos.KillWestAsync();
        var lost = await NextAsync(reader);
        (RegionOf(lost), CodeOf(lost)).ShouldBe(("west", "peer_failed"));
        var summary = (await NextAsync(reader))["summary"]!;
        (summary["satisfied"]!.GetValue<bool>(), summary["succeeded"]!.GetValue<int>(), summary["failed"]!.GetValue<int>()).ShouldBe((false, 2, 1));

        var without = await LinesAsync(silos.East, "echo", All);
        without.Length.ShouldBe(4);
        CodeOf(without[..^1].Single(line => RegionOf(line) == "west")).ShouldBe("region_unavailable");
        (await LinesAsync(silos.East, "echo", Quorum))[^1]["summary"]!["satisfied"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task Queued_calls_wait_for_a_silo_that_is_away_without_using_up_attempts()
    {
        await using var silos = await PeerProcesses.StartAsync();
        await DeployEverywhereAsync(silos, "echo", "echo", "echo");
        await silos.KillWestAsync();
        var call = await Queued.AcceptAsync(silos.East, "/v1/functions/echo/invoke-async?region=west", new StringContent("later"));
        var all = await Queued.AcceptAsync(silos.East, "/v1/functions/echo/fanout-async", Queued.Json(All));
        var quorum = await Queued.AcceptAsync(silos.East, "/v1/functions/echo/fanout-async", Queued.Json(Quorum));

        var reached = await WaitAsync(silos.East, quorum);
        reached["state"]!.GetValue<string>().ShouldBe("succeeded");
        StateIn(reached, "west").ShouldBe("cancelled");
        await Eventually.HoldsAsync("the others have answered", async () =>
        {
            var now = await Answer.JsonAsync(await silos.East.GetAsync(all));
            return StateIn(now, "east") == "succeeded" && StateIn(now, "north") == "succeeded";
        });
        await silos.WaitForAsync("west", "down");
        var waiting = await Answer.JsonAsync(await silos.East.GetAsync(all));
        waiting["state"]!.GetValue<string>().ShouldBe("running");
        waiting["expiresAt"].ShouldBeNull();
        await Eventually.HoldsAsync("it is put off", async () => (await Answer.JsonAsync(await silos.East.GetAsync(call))) is var now
            && now["state"]!.GetValue<string>() == "queued" && now["attempt"]!.GetValue<int>() == 0);

        await silos.StartWestAsync();
        var done = await WaitAsync(silos.East, call);
        (done["state"]!.GetValue<string>(), done["result"]!.GetValue<string>(), done["attempt"]!.GetValue<int>()).ShouldBe(("succeeded", "later", 1));
        (await WaitAsync(silos.East, all))["state"]!.GetValue<string>().ShouldBe("succeeded");
    }

    [Fact]
    public async Task A_queued_call_whose_silo_is_killed_under_it_is_tried_again_when_it_is_back()
    {
        await using var silos = await PeerProcesses.StartAsync();
        await DeployEverywhereAsync(silos, "stuck", "echo", "spin", timeoutMs: 5_000);
        var call = await Queued.AcceptAsync(silos.East, "/v1/functions/stuck/invoke-async?region=west", new StringContent("again"));
        var first = await Queued.AcceptAsync(silos.East, "/v1/functions/stuck/fanout-async", Queued.Json(First));
        var all = await Queued.AcceptAsync(silos.East, "/v1/functions/stuck/fanout-async", Queued.Json(All));
        await Eventually.HoldsAsync("it runs", async () => (await Answer.JsonAsync(await silos.East.GetAsync(call)))["state"]!.GetValue<string>() == "running");
        await silos.KillWestAsync();

        var decided = await WaitAsync(silos.East, first);
        decided["state"]!.GetValue<string>().ShouldBe("succeeded");
        StateIn(decided, "west").ShouldBe("cancelled");

        await silos.StartWestAsync();
        await PeerProcesses.DeployAsync(silos.West, "stuck", "echo");
        var done = await WaitAsync(silos.East, call);
        (done["state"]!.GetValue<string>(), done["result"]!.GetValue<string>()).ShouldBe(("succeeded", "again"));
        done["attempt"]!.GetValue<int>().ShouldBeGreaterThan(1);
        var complete = await WaitAsync(silos.East, all);
        complete["state"]!.GetValue<string>().ShouldBe("succeeded");
        complete["regions"]!.AsArray().ShouldAllBe(region => region!["result"]!.GetValue<string>() == "x");
    }

    private static async Task DeployEverywhereAsync(PeerProcesses silos, string name, string guest, string inWest, int timeoutMs = 60_000)
    {
        await PeerProcesses.DeployAsync(silos.East, name, guest);
        await PeerProcesses.DeployAsync(silos.North, name, guest);
        await PeerProcesses.DeployAsync(silos.West, name, inWest, timeoutMs);
    }

    private static Task<HttpResponseMessage> AskAsync(HttpClient silo, string name, string body) => silo.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, $"/v1/functions/{name}/fanout") { Content = Queued.Json(body) }, HttpCompletionOption.ResponseHeadersRead);

    private static async Task<JsonNode[]> LinesAsync(HttpClient silo, string name, string body)
    {
        using var answer = await AskAsync(silo, name, body);
        return [.. (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    private static async Task<JsonNode> NextAsync(StreamReader reader) =>
        JsonNode.Parse((await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)))!)!;

    private static string RegionOf(JsonNode line) => line["region"]!.GetValue<string>();

    private static string CodeOf(JsonNode line) => line["problem"]!["code"]!.GetValue<string>();

    private static string StateIn(JsonNode fanOut, string region) =>
        fanOut["regions"]!.AsArray().Single(invocation => RegionOf(invocation!) == region)!["state"]!.GetValue<string>();

    private static async Task<JsonNode> WaitAsync(HttpClient silo, string path)
    {
        // A long poll may be over before work that has to wait for leases and pauses.
        var status = await Answer.JsonAsync(await silo.GetAsync($"{path}?wait=60s"));
        return status["state"]!.GetValue<string>() is "queued" or "running" ? await Answer.JsonAsync(await silo.GetAsync($"{path}?wait=60s")) : status;
    }
}
