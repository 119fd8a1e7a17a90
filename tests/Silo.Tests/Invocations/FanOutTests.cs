using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Invocations;

public sealed class FanOutTests(OneSilo shared) : IClassFixture<OneSilo>
{
    private static readonly string[] AllRegions = ["eu-west", "us-east", "ap-south"];

    private readonly TestSilo _silo = shared.Silo;

    [Fact]
    public async Task Every_region_answers_with_a_line_and_a_summary_ends_it()
    {
        await _silo.DeployAsync("echo", "echo");

        var lines = await LinesAsync(await FanOutAsync("echo", """{"regions": ["*"], "mode": "all", "payload": "hällo"}"""));

        lines[..^1].Select(line => line["region"]!.GetValue<string>()).ShouldBe(AllRegions, ignoreOrder: true);
        lines[..^1].ShouldAllBe(line => line["status"]!.GetValue<int>() == 200 && line["body"]!.GetValue<string>() == "hällo");
        lines[..^1].ShouldAllBe(line => line["durationUs"]!.GetValue<long>() > 0);
        var summary = lines[^1]["summary"]!;
        summary["satisfied"]!.GetValue<bool>().ShouldBeTrue();
        (summary["succeeded"]!.GetValue<int>(), summary["failed"]!.GetValue<int>(), summary["cancelled"]!.GetValue<int>()).ShouldBe((3, 0, 0));
    }

    [Fact]
    public async Task Bytes_go_in_and_come_out_in_base64()
    {
        await _silo.DeployAsync("echo", "echo");

        var lines = await LinesAsync(await FanOutAsync("echo", """{"regions": ["us-east"], "payloadBase64": "/wA="}"""));

        lines[0]["body"].ShouldBeNull();
        lines[0]["bodyBase64"]!.GetValue<string>().ShouldBe("/wA=");
    }

    [Fact]
    public async Task A_region_that_fails_is_a_line_like_the_others()
    {
        await _silo.DeployAsync("crash", "crash");

        var lines = await LinesAsync(await FanOutAsync("crash", """{"regions": ["eu-west", "us-east"]}"""));

        lines[..^1].ShouldAllBe(line => line["status"]!.GetValue<int>() == 502 && line["problem"]!["code"]!.GetValue<string>() == "trap");
        lines[^1]["summary"]!["satisfied"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public async Task Each_region_has_the_deadline_that_the_caller_states()
    {
        await _silo.DeployAsync("late", "spin", limits: new JsonObject { ["timeoutMs"] = 60_000 });

        var lines = await LinesAsync(await FanOutAsync("late", """{"regions": ["*"]}""", deadlineMs: 100));

        lines.Length.ShouldBe(4);
        lines[..^1].ShouldAllBe(line => line["problem"]!["code"]!.GetValue<string>() == "timeout");
    }

    [Fact]
    public async Task First_and_quorum_end_as_soon_as_enough_regions_have_succeeded()
    {
        await _silo.DeployAsync("echo", "echo");

        var first = await LinesAsync(await FanOutAsync("echo", """{"mode": "first"}"""));
        var quorum = await LinesAsync(await FanOutAsync("echo", """{"mode": "quorum", "quorum": 2}"""));

        first.Length.ShouldBe(2);
        first[^1]["summary"]!["cancelled"]!.GetValue<int>().ShouldBe(2);
        quorum.Length.ShouldBe(3);
        quorum[^1]["summary"]!["satisfied"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"mode": "some"}""")]
    [InlineData("""{"mode": "quorum"}""")]
    [InlineData("""{"mode": "quorum", "quorum": 4}""")]
    [InlineData("""{"mode": "quorum", "quorum": 0}""")]
    [InlineData("""{"mode": "all", "quorum": 1}""")]
    [InlineData("""{"regions": []}""")]
    [InlineData("""{"regions": ["*", "eu-west"]}""")]
    [InlineData("""{"regions": ["eu-west", "eu-west"]}""")]
    [InlineData("""{"payload": "a", "payloadBase64": "YQ=="}""")]
    [InlineData("""{"payloadBase64": "?"}""")]
    [InlineData("""{"region": "eu-west"}""")]
    [InlineData("[]")]
    public async Task What_is_asked_wrongly_is_refused(string body)
    {
        await _silo.DeployAsync("echo", "echo");

        await Answer.ProblemAsync(await FanOutAsync("echo", body), HttpStatusCode.BadRequest, "invalid_parameter");
        await Answer.ProblemAsync(await FanOutAsync("echo", body, route: "fanout-async"), HttpStatusCode.BadRequest, "invalid_parameter");
    }

    [Fact]
    public async Task Unknown_functions_and_regions_are_not_found()
    {
        await _silo.DeployAsync("local", "echo", regions: ["eu-west"]);

        await Answer.ProblemAsync(await FanOutAsync("nobody", "{}"), HttpStatusCode.NotFound, "function_not_found");
        await Answer.ProblemAsync(await FanOutAsync("local", """{"regions": ["us-east"]}"""), HttpStatusCode.NotFound, "function_not_found");
        await Answer.ProblemAsync(await FanOutAsync("local", """{"regions": ["mars-1"]}"""), HttpStatusCode.NotFound, "region_not_found");
        (await LinesAsync(await FanOutAsync("local", "{}"))).Length.ShouldBe(2);
    }

    [Fact]
    public async Task A_durable_fan_out_has_one_id_and_an_invocation_for_each_region()
    {
        await _silo.DeployAsync("echo", "echo");

        using var accepted = await FanOutAsync("echo", """{"payload": "x"}""", route: "fanout-async", key: "f1");
        using var repeat = await FanOutAsync("echo", """{"payload": "x"}""", route: "fanout-async", key: "f1");
        var done = await Answer.JsonAsync(await _silo.Http.GetAsync($"{accepted.Headers.Location}?wait=60s"));

        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        repeat.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Answer.JsonAsync(repeat))["id"]!.GetValue<string>().ShouldBe((await Answer.JsonAsync(accepted))["id"]!.GetValue<string>());
        done["state"]!.GetValue<string>().ShouldBe("succeeded");
        done["regions"]!.AsArray().Select(region => region!["region"]!.GetValue<string>()).ShouldBe(AllRegions, ignoreOrder: true);
        done["regions"]!.AsArray().ShouldAllBe(region => region!["result"]!.GetValue<string>() == "x");
        await Answer.ProblemAsync(
            await FanOutAsync("echo", """{"payload": "y"}""", route: "fanout-async", key: "f1"), HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
    }

    [Fact]
    public async Task A_durable_fan_out_cancels_what_is_no_longer_wanted()
    {
        await _silo.DeployAsync("held", "echo", limits: new JsonObject { ["timeoutMs"] = 1_000 });

        using var accepted = await FanOutAsync("held", """{"mode": "first"}""", route: "fanout-async");
        var done = await Answer.JsonAsync(await _silo.Http.GetAsync($"{accepted.Headers.Location}?wait=60s"));

        done["state"]!.GetValue<string>().ShouldBe("succeeded");
        done["regions"]!.AsArray().Select(region => region!["state"]!.GetValue<string>()).ShouldAllBe(state => state == "succeeded" || state == "cancelled");
        await Answer.ProblemAsync(await _silo.Http.GetAsync($"/v1/fanouts/{Guid.NewGuid()}"), HttpStatusCode.NotFound, "fanout_not_found");
    }

    private static async Task<JsonNode[]> LinesAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, body);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/x-ndjson");
        return [.. body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    private Task<HttpResponseMessage> FanOutAsync(string name, string body, int? deadlineMs = null, string route = "fanout", string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/functions/{name}/{route}")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (deadlineMs is { } deadline)
        {
            request.Headers.Add("X-Helios-Deadline-Ms", $"{deadline}");
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return _silo.Http.SendAsync(request);
    }
}
