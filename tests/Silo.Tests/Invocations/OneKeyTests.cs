using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Grains.FanOuts;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.Extensions.DependencyInjection;

namespace HeliosEdge.Silo.Tests.Invocations;

/// <summary>One idempotency key, used for calls of different kinds. The guest adds a row with each run, and answers with its number.</summary>
[Trait("Category", "Slow")]
public sealed class OneKeyTests
{
    private const string Replay = "X-Helios-Idempotent-Replay";

    [Fact]
    public Task A_call_runs_once_in_whatever_way_it_is_made() => RunsOnceAsync(postgres: null);

    [PostgresFact]
    public async Task A_call_runs_once_in_whatever_way_it_is_made_in_PostgreSQL() => await RunsOnceAsync(await PostgresServer.NewDatabaseAsync());

    [Fact]
    public Task A_key_of_another_call_is_refused_whatever_the_kind_of_either() => IsRefusedAsync(postgres: null);

    [PostgresFact]
    public async Task A_key_of_another_call_is_refused_whatever_the_kind_of_either_in_PostgreSQL() =>
        await IsRefusedAsync(await PostgresServer.NewDatabaseAsync());

    [Fact]
    public async Task A_call_that_repeats_what_waits_in_the_queue_waits_for_it_as_long_as_its_caller_will()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.DeployAsync("spin", "spin", limits: new JsonObject { ["timeoutMs"] = 1_500 });
        using var queued = await SendAsync(silo, "spin", "invoke-async", "", "k");
        queued.StatusCode.ShouldBe(HttpStatusCode.Accepted);

        using var impatient = await SendAsync(silo, "spin", "invoke", "", "k", deadlineMs: 1);
        await Answer.ProblemAsync(impatient, HttpStatusCode.Conflict, "in_progress");
        impatient.Headers.RetryAfter.ShouldNotBeNull();
        (await silo.Http.DeleteAsync(queued.Headers.Location)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Answer.ProblemAsync(await SendAsync(silo, "spin", "invoke", "", "k"), HttpStatusCode.Conflict, "no_result");
    }

    [Fact]
    public async Task What_a_caller_has_waited_before_is_of_the_time_that_it_will_wait()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.DeployAsync("spin", "spin", limits: new JsonObject { ["timeoutMs"] = 1_500 });
        using var queued = await SendAsync(silo, "spin", "invoke-async", "", "k");
        queued.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var late = new InvocationOrder { Function = "spin", PatienceMs = 60_000, Since = Stopwatch.GetTimestamp() - (60 * Stopwatch.Frequency) };

        var refused = await Should.ThrowAsync<SandboxException>(
            silo.Services.GetRequiredService<KeyedInvocations>().InvokeAsync(new CallKey("k", "k"), late, CancellationToken.None));

        refused.Code.ShouldBe(ErrorCodes.InProgress);
    }

    [Fact]
    public async Task What_a_caller_of_a_fan_out_has_waited_before_is_of_the_time_that_it_will_wait()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.DeployAsync("spin", "spin", limits: new JsonObject { ["timeoutMs"] = 60_000 });
        var plan = silo.Services.GetRequiredService<FanOutPlanner>().Plan("spin", ["*"], FanOutMode.All, quorum: null);
        var queued = await silo.Services.GetRequiredService<KeyedFanOuts>().EnqueueAsync(new CallKey("k", "k"), plan, default, owner: null, traceParent: null);
        var fanOut = await silo.Services.GetRequiredService<IFanOutStore>().FindAsync(queued.Id);
        var late = new InvocationOrder { Function = "spin", PatienceMs = 3_600_000, Since = Stopwatch.GetTimestamp() - (3600 * Stopwatch.Frequency) };

        var answers = await silo.Services.GetRequiredService<DurableFanOutRunner>().RunAsync(fanOut!, late, CancellationToken.None).ToListAsync();

        answers.Count.ShouldBe(plan.Regions.Length);
        answers.ShouldAllBe(answer => answer.Result.Fault!.Code == ErrorCodes.Timeout && answer.Result.Fault.Message.Contains("goes on"));
    }

    private static async Task RunsOnceAsync(string? postgres)
    {
        await using var silo = await TestSilo.StartAsync(postgres: postgres, configure: options => options with { SqlRegions = ["eu-west", "us-east", "ap-south"] });
        await DeployAsync(silo);
        await silo.DeployAsync("crash", "crash");

        // Queued, then at once.
        using var queued = await SendAsync(silo, "runs", "invoke-async", Insert("a"), "one");
        queued.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        using var repeat = await SendAsync(silo, "runs", "invoke", Insert("a"), "one");
        repeat.StatusCode.ShouldBe(HttpStatusCode.OK, await repeat.Content.ReadAsStringAsync());
        repeat.Headers.GetValues(Replay).ShouldBe(["true"]);
        repeat.Headers.GetValues("X-Helios-Region").ShouldBe(["eu-west"]);
        var first = await repeat.Content.ReadAsByteArrayAsync();
        (await silo.Http.GetByteArrayAsync($"{queued.Headers.Location}/result")).ShouldBe(first);
        (await RowsAsync(silo)).ShouldBe(1);

        // At once, then queued, and at once again.
        using var direct = await SendAsync(silo, "runs", "invoke", Insert("b"), "two");
        direct.Headers.Contains(Replay).ShouldBeFalse();
        using var requeued = await SendAsync(silo, "runs", "invoke-async?region=eu-west", Insert("b"), "two");
        requeued.StatusCode.ShouldBe(HttpStatusCode.OK, await requeued.Content.ReadAsStringAsync());
        var described = await Answer.JsonAsync(await silo.Http.GetAsync(requeued.Headers.Location));
        described["state"]!.GetValue<string>().ShouldBe("succeeded");
        (await silo.Http.GetByteArrayAsync($"{requeued.Headers.Location}/result")).ShouldBe(await direct.Content.ReadAsByteArrayAsync());
        (await (await SendAsync(silo, "runs", "invoke-async", Insert("b"), "two")).Content.ReadAsStringAsync())
            .ShouldBe(await requeued.Content.ReadAsStringAsync());
        (await SendAsync(silo, "runs", "invoke", Insert("b"), "two")).Headers.GetValues(Replay).ShouldBe(["true"]);
        (await RowsAsync(silo)).ShouldBe(2);

        // A failure of the guest is its answer.
        await Answer.ProblemAsync(await SendAsync(silo, "crash", "invoke", "", "three"), HttpStatusCode.BadGateway, "trap");
        using var failed = await SendAsync(silo, "crash", "invoke-async", "", "three");
        failed.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Answer.ProblemAsync(await silo.Http.GetAsync($"{failed.Headers.Location}/result"), HttpStatusCode.BadGateway, "trap");

        // A fan-out, answered at once and queued, in both orders.
        var lines = await LinesAsync(await SendAsync(silo, "runs", "fanout", Everywhere("c", "eu-west", "us-east"), "four"));
        lines.Count.ShouldBe(3);
        lines[^1]["summary"]!["succeeded"]!.GetValue<int>().ShouldBe(2);
        using var again = await SendAsync(silo, "runs", "fanout", Everywhere("c", "eu-west", "us-east"), "four");
        again.Headers.GetValues(Replay).ShouldBe(["true"]);
        Bodies(await LinesAsync(again)).ShouldBe(Bodies(lines), ignoreOrder: true);
        (await SendAsync(silo, "runs", "fanout-async", Everywhere("c", "eu-west", "us-east"), "four")).StatusCode
            .ShouldBe(HttpStatusCode.OK);
        (await RowsAsync(silo)).ShouldBe(3);
        (await RowsAsync(silo, "us-east")).ShouldBe(1);

        using var durable = await SendAsync(silo, "runs", "fanout-async", Everywhere("d", "eu-west"), "five");
        durable.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await LinesAsync(await SendAsync(silo, "runs", "fanout", Everywhere("d", "eu-west"), "five")))[^1]["summary"]!["satisfied"]!
            .GetValue<bool>().ShouldBeTrue();
        (await RowsAsync(silo)).ShouldBe(4);

        // All at once.
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => SendAsync(silo, "runs", i % 2 == 0 ? "invoke" : "invoke-async", Insert("e"), "six")));
        (await SendAsync(silo, "runs", "invoke", Insert("e"), "six")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await RowsAsync(silo)).ShouldBe(5);
    }

    private static async Task IsRefusedAsync(string? postgres)
    {
        await using var silo = await TestSilo.StartAsync(postgres: postgres);
        await silo.DeployAsync("echo", "echo");
        (string Path, string Body)[] calls =
        [
            ("invoke", "x"), ("invoke-async", "x"), ("fanout", """{"payload": "x"}"""), ("fanout-async", """{"payload": "x"}"""),
        ];
        foreach (var (path, body) in calls)
        {
            using var first = await SendAsync(silo, "echo", path, body, path);
            first.IsSuccessStatusCode.ShouldBeTrue();
            await first.Content.ReadAsStringAsync();
            foreach (var (otherPath, otherBody) in calls)
            {
                var isSameKind = path.StartsWith("fanout", StringComparison.Ordinal) == otherPath.StartsWith("fanout", StringComparison.Ordinal);
                if (!isSameKind)
                {
                    await RefusedAsync(otherPath, otherBody);
                }

                await RefusedAsync(otherPath, otherBody.Replace('x', 'y'));
                if (isSameKind && !path.StartsWith("fanout", StringComparison.Ordinal))
                {
                    (await SendAsync(silo, "echo", $"{otherPath}?region=eu-west", otherBody, path)).StatusCode.ShouldBe(HttpStatusCode.OK);
                    await RefusedAsync($"{otherPath}?region=us-east", otherBody, isAllowed: path == "invoke");
                }
            }

            async Task RefusedAsync(string otherPath, string otherBody, bool isAllowed = false)
            {
                using var refused = await SendAsync(silo, "echo", otherPath, otherBody, path);
                if (!isAllowed || !refused.IsSuccessStatusCode)
                {
                    await Answer.ProblemAsync(refused, HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
                }
            }
        }

        (await SendAsync(silo, "echo", "invoke?region=eu-west", "x", "region")).StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var path in (string[])["invoke", "invoke-async"])
        {
            await Answer.ProblemAsync(
                await SendAsync(silo, "echo", $"{path}?region=us-east", "x", "region"), HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        }
    }

    /// <summary>Adds a row with each run; what it answers has the row's number.</summary>
    private static string Insert(string value) => $"INSERT INTO runs (value) VALUES ('{value}')";

    private static string Everywhere(string value, params string[] regions) =>
        new JsonObject { ["payload"] = Insert(value), ["regions"] = new JsonArray([.. regions.Select(region => JsonValue.Create(region))]) }.ToJsonString();

    private static async Task DeployAsync(TestSilo silo)
    {
        var module = await Answer.JsonAsync(await silo.UploadAsync(TestSilo.Guest("database")));
        foreach (var (name, entry) in ((string, string)[])[("runs", "execute"), ("rows", "query")])
        {
            await Answer.JsonAsync(await silo.RegisterAsync(
                name,
                new JsonObject { ["module"] = module["hash"]!.GetValue<string>(), ["entry"] = entry, ["capabilities"] = new JsonArray("db.query", "db.execute") }
                    .ToJsonString()));
        }

        foreach (var region in (string[])["eu-west", "us-east"])
        {
            await silo.CallAsync("runs", "CREATE TABLE runs (value)"u8.ToArray(), region);
        }
    }

    private static async Task<int> RowsAsync(TestSilo silo, string region = "eu-west") =>
        JsonNode.Parse(await silo.CallAsync("rows", "SELECT count(*) FROM runs"u8.ToArray(), region))!["rows"]![0]![0]!.GetValue<int>();

    private static async Task<List<JsonNode>> LinesAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    private static IEnumerable<string> Bodies(List<JsonNode> lines) =>
        lines.SkipLast(1).Select(line => $"{line["region"]} {line["body"]} {line["bodyBase64"]}");

    private static Task<HttpResponseMessage> SendAsync(TestSilo silo, string name, string path, string body, string key, int? deadlineMs = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/functions/{name}/{path}") { Content = Queued.Json(body) };
        request.Headers.Add("Idempotency-Key", key);
        if (deadlineMs is { } deadline)
        {
            request.Headers.Add("X-Helios-Deadline-Ms", $"{deadline}");
        }

        return silo.Http.SendAsync(request);
    }
}
