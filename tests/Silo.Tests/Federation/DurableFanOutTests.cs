using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Invocations;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Federation;

/// <summary>Durable fan-outs over regions of silos that do not all have the function.</summary>
[Trait("Category", "Slow")]
public sealed class DurableFanOutTests
{
    [Theory]
    [InlineData("""{"regions": ["*"], "payload": "x"}""", 2)]
    [InlineData("""{"regions": ["*"], "mode": "quorum", "quorum": 2, "payload": "x"}""", 2)]
    [InlineData("""{"payload": "x"}""", 2)]
    public async Task Peers_that_turn_out_not_to_have_the_function_are_left_out_of_a_fan_out_over_all(string body, int needed)
    {
        await using var silos = await Silos.StartAsync();
        await silos.East.DeployAsync("echo", "echo");
        await silos.West.DeployAsync("echo", "echo");

        var done = await RunAsync(silos.East, "echo", body);

        (done["state"]!.GetValue<string>(), done["needed"]!.GetValue<int>()).ShouldBe(("succeeded", needed), done.ToJsonString());
        RegionsOf(done).ShouldBe(["east", "west"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_quorum_of_more_regions_than_have_the_function_is_not_reached()
    {
        await using var silos = await Silos.StartAsync();
        await silos.West.DeployAsync("echo", "echo");

        var done = await RunAsync(silos.East, "echo", """{"mode": "quorum", "quorum": 2}""");

        (done["state"]!.GetValue<string>(), done["needed"]!.GetValue<int>()).ShouldBe(("failed", 2));
        RegionsOf(done).ShouldBe(["west"]);
    }

    [Fact]
    public async Task Peers_that_fail_otherwise_and_regions_that_are_named_count()
    {
        await using var silos = await Silos.StartAsync();
        await silos.East.DeployAsync("echo", "echo");
        await silos.West.DeployAsync("echo", "echo", limits: new JsonObject { ["maxPayloadBytes"] = 1 });

        var refused = await RunAsync(silos.East, "echo", """{"payload": "more than that"}""");
        var named = await RunAsync(silos.East, "echo", """{"regions": ["east", "north"]}""");

        (refused["state"]!.GetValue<string>(), refused["needed"]!.GetValue<int>()).ShouldBe(("failed", 2));
        RegionsOf(refused).ShouldBe(["east", "west"], ignoreOrder: true);
        (named["state"]!.GetValue<string>(), named["needed"]!.GetValue<int>()).ShouldBe(("failed", 2));
        named["regions"]!.AsArray().Single(region => region!["region"]!.GetValue<string>() == "north")!["fault"]!["code"]!.GetValue<string>()
            .ShouldBe("function_not_found");
    }

    [Fact]
    public async Task Where_nobody_has_the_function_nothing_has_succeeded()
    {
        await using var silos = await Silos.StartAsync();

        var done = await RunAsync(silos.East, "nowhere", """{"regions": ["*"]}""");

        (done["state"]!.GetValue<string>(), done["needed"]!.GetValue<int>()).ShouldBe(("failed", 0));
        RegionsOf(done).ShouldBeEmpty();
    }

    private static IEnumerable<string> RegionsOf(JsonNode fanOut) => fanOut["regions"]!.AsArray().Select(region => region!["region"]!.GetValue<string>());

    private static async Task<JsonNode> RunAsync(TestSilo silo, string function, string body)
    {
        var path = await Queued.AcceptAsync(silo.Http, $"/v1/functions/{function}/fanout-async", Queued.Json(body));
        var done = JsonNode.Parse("null");
        await Eventually.HoldsAsync("all of its regions have ended", async () =>
        {
            done = await Answer.JsonAsync(await silo.Http.GetAsync($"{path}?wait=30s"));
            return done["state"]!.GetValue<string>() != "running" && done["expiresAt"] is not null;
        });
        return done!;
    }
}
