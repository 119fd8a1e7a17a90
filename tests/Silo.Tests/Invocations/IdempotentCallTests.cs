using System.Net;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Invocations;

public sealed class IdempotentCallTests(OneSilo shared) : IClassFixture<OneSilo>
{
    private readonly TestSilo _silo = shared.Silo;

    [Fact]
    public async Task A_repeat_gets_the_first_answer_and_runs_nothing()
    {
        await DeployKeysAsync("once", "set");

        using var first = await CallAsync("once", "k=1", "a");
        await _silo.Http.DeleteAsync("/v1/functions/once");
        using var repeat = await CallAsync("once", "k=1", "a");

        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        first.Headers.Contains("X-Helios-Idempotent-Replay").ShouldBeFalse();
        repeat.StatusCode.ShouldBe(HttpStatusCode.OK);
        repeat.Headers.GetValues("X-Helios-Idempotent-Replay").ShouldBe(["true"]);
        repeat.Headers.GetValues("X-Helios-Region").ShouldBe(first.Headers.GetValues("X-Helios-Region"));
        repeat.Headers.GetValues("X-Helios-Duration-Us").ShouldBe(first.Headers.GetValues("X-Helios-Duration-Us"));
        (await repeat.Content.ReadAsByteArrayAsync()).ShouldBe(await first.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task The_guests_own_failure_is_repeated_too()
    {
        await _silo.DeployAsync("crash", "crash");

        await Answer.ProblemAsync(await CallAsync("crash", "", "b"), HttpStatusCode.BadGateway, "trap");
        using var repeat = await CallAsync("crash", "", "b");

        await Answer.ProblemAsync(repeat, HttpStatusCode.BadGateway, "trap");
        repeat.Headers.GetValues("X-Helios-Idempotent-Replay").ShouldBe(["true"]);
    }

    [Fact]
    public async Task What_never_ran_leaves_the_key_free()
    {
        await Answer.ProblemAsync(await CallAsync("later", "x", "c"), HttpStatusCode.NotFound, "function_not_found");
        await _silo.DeployAsync("later", "echo");

        using var now = await CallAsync("later", "x", "c");

        (await now.Content.ReadAsStringAsync()).ShouldBe("x");
        now.Headers.Contains("X-Helios-Idempotent-Replay").ShouldBeFalse();
    }

    [Fact]
    public async Task The_key_of_another_payload_is_refused()
    {
        await _silo.DeployAsync("echo", "echo");
        (await CallAsync("echo", "x", "d")).StatusCode.ShouldBe(HttpStatusCode.OK);

        await Answer.ProblemAsync(await CallAsync("echo", "y", "d"), HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
    }

    [Fact]
    public async Task Calls_at_the_same_time_run_once()
    {
        await _silo.DeployAsync("parallel", "spin", limits: new JsonObject { ["timeoutMs"] = 300 });

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CallAsync("parallel", "", "e")));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.GatewayTimeout);
        answers.Count(answer => !answer.Headers.Contains("X-Helios-Idempotent-Replay")).ShouldBe(1);
        answers.Select(answer => answer.Headers.GetValues("X-Helios-Duration-Us").Single()).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_caller_who_loses_the_connection_finds_the_result_with_the_key()
    {
        await _silo.DeployAsync("cut", "spin", limits: new JsonObject { ["timeoutMs"] = 1_000 });
        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Should.ThrowAsync<OperationCanceledException>(() => CallAsync("cut", "", "f", impatient.Token));

        await Answer.ProblemAsync(await CallAsync("cut", "", "f"), HttpStatusCode.GatewayTimeout, "timeout");
    }

    private async Task<HttpResponseMessage> CallAsync(string name, string payload, string key, CancellationToken cancel = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/functions/{name}/invoke") { Content = new StringContent(payload) };
        request.Headers.Add("Idempotency-Key", key);
        return await _silo.Http.SendAsync(request, cancel);
    }

    private async Task DeployKeysAsync(string name, string entry)
    {
        var module = await Answer.JsonAsync(await _silo.UploadAsync(TestSilo.Guest("keys")));
        await Answer.JsonAsync(await _silo.RegisterAsync(
            name,
            new JsonObject { ["module"] = module["hash"]!.GetValue<string>(), ["entry"] = entry, ["profile"] = "edge" }.ToJsonString()));
    }
}
