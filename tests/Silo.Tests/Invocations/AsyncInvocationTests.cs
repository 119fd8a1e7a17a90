using System.Net;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Invocations;

public sealed class AsyncInvocationTests(OneSilo shared) : IClassFixture<OneSilo>
{
    private readonly TestSilo _silo = shared.Silo;

    [Fact]
    public async Task A_queued_call_runs_and_its_result_can_be_waited_for()
    {
        await _silo.DeployAsync("echo", "echo");

        using var accepted = await EnqueueAsync("echo", "hällo"u8.ToArray(), region: "us-east");
        var id = (await Answer.JsonAsync(accepted))["id"]!.GetValue<string>();
        var done = await WaitAsync(id);

        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        accepted.Headers.Location!.ToString().ShouldBe($"/v1/invocations/{id}");
        done["state"]!.GetValue<string>().ShouldBe("succeeded");
        done["result"]!.GetValue<string>().ShouldBe("hällo");
        done["region"]!.GetValue<string>().ShouldBe("us-east");
        done["attempt"]!.GetValue<int>().ShouldBe(1);
        done["maxAttempts"]!.GetValue<int>().ShouldBe(5);
        done["endedAt"]!.GetValue<DateTimeOffset>().ShouldBeGreaterThanOrEqualTo(done["startedAt"]!.GetValue<DateTimeOffset>());
        done["startedAt"]!.GetValue<DateTimeOffset>().ShouldBeGreaterThanOrEqualTo(done["createdAt"]!.GetValue<DateTimeOffset>());
    }

    [Fact]
    public async Task A_result_that_is_no_text_comes_in_base64_and_as_bytes()
    {
        await _silo.DeployAsync("echo", "echo");

        var id = await IdOfAsync(await EnqueueAsync("echo", [0xFF, 0]));
        var done = await WaitAsync(id);
        using var raw = await _silo.Http.GetAsync($"/v1/invocations/{id}/result?wait=30s");

        done["result"].ShouldBeNull();
        done["resultBase64"]!.GetValue<string>().ShouldBe(Convert.ToBase64String([0xFF, 0]));
        (await raw.Content.ReadAsByteArrayAsync()).ShouldBe([0xFF, 0]);
    }

    [Fact]
    public async Task What_can_not_run_is_refused_before_it_is_queued()
    {
        await _silo.DeployAsync("local", "echo", limits: new JsonObject { ["maxPayloadBytes"] = 10 }, regions: ["eu-west"]);

        await Answer.ProblemAsync(await EnqueueAsync("nobody", []), HttpStatusCode.NotFound, "function_not_found");
        await Answer.ProblemAsync(await EnqueueAsync("local", [], region: "us-east"), HttpStatusCode.NotFound, "function_not_found");
        await Answer.ProblemAsync(await EnqueueAsync("local", [], region: "mars-1"), HttpStatusCode.NotFound, "region_not_found");
        var problem = await Answer.ProblemAsync(await EnqueueAsync("local", new byte[11]), HttpStatusCode.RequestEntityTooLarge, "payload_too_large");
        problem["limit"]!.GetValue<int>().ShouldBe(10);
        await Answer.ProblemAsync(await EnqueueAsync("local", [], key: new string('k', 256)), HttpStatusCode.BadRequest, "invalid_parameter");
    }

    [Fact]
    public async Task The_same_key_is_the_same_invocation()
    {
        await _silo.DeployAsync("keyed", "echo");

        using var first = await EnqueueAsync("keyed", [1], key: "order-1");
        using var second = await EnqueueAsync("keyed", [1], key: "order-1");
        using var other = await EnqueueAsync("keyed", [1], key: "order-2");

        var id = await IdOfAsync(first);
        second.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await IdOfAsync(second)).ShouldBe(id);
        (await IdOfAsync(other)).ShouldNotBe(id);
        await Answer.ProblemAsync(await EnqueueAsync("keyed", [2], key: "order-1"), HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
    }

    [Fact]
    public async Task An_invocation_that_fails_each_time_is_dead_and_can_be_queued_again()
    {
        await RegisterAsync("crash", "crash", maxAttempts: 2);

        var id = await IdOfAsync(await EnqueueAsync("crash", []));
        var dead = await WaitAsync(id);
        var listed = await Answer.JsonAsync(await _silo.Http.GetAsync("/v1/invocations?state=dead&function=crash"));
        using var retried = await _silo.Http.PostAsync($"/v1/invocations/{id}/retry", null);
        var again = await WaitAsync(id);

        dead["state"]!.GetValue<string>().ShouldBe("dead");
        (dead["attempt"]!.GetValue<int>(), dead["maxAttempts"]!.GetValue<int>()).ShouldBe((2, 2));
        dead["fault"]!["code"]!.GetValue<string>().ShouldBe("trap");
        listed["invocations"]!.AsArray().ShouldHaveSingleItem()!["id"]!.GetValue<string>().ShouldBe(id);
        retried.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        again["state"]!.GetValue<string>().ShouldBe("dead");
        again["endedAt"]!.GetValue<DateTimeOffset>().ShouldBeGreaterThan(dead["endedAt"]!.GetValue<DateTimeOffset>());
        await Answer.ProblemAsync(await _silo.Http.GetAsync($"/v1/invocations/{id}/result"), HttpStatusCode.BadGateway, "trap");
    }

    [Fact]
    public async Task Only_the_dead_are_queued_again()
    {
        await _silo.DeployAsync("echo", "echo");
        var id = await IdOfAsync(await EnqueueAsync("echo", []));
        await WaitAsync(id);

        await Answer.ProblemAsync(await _silo.Http.PostAsync($"/v1/invocations/{id}/retry", null), HttpStatusCode.Conflict, "not_dead");
        await Answer.ProblemAsync(
            await _silo.Http.PostAsync($"/v1/invocations/{Guid.NewGuid()}/retry", null), HttpStatusCode.NotFound, "invocation_not_found");
    }

    [Fact]
    public async Task Dead_invocations_are_listed_page_by_page()
    {
        await RegisterAsync("pages", "crash", maxAttempts: 1);
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await IdOfAsync(await EnqueueAsync("pages", [])));
        }

        foreach (var id in ids)
        {
            await WaitAsync(id);
        }

        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = await Answer.JsonAsync(await _silo.Http.GetAsync(
                "/v1/invocations?state=dead&function=pages&limit=2" + (after is null ? "" : $"&after={after}")));
            seen.AddRange(page["invocations"]!.AsArray().Select(invocation => invocation!["id"]!.GetValue<string>()));
            after = page["next"]?.GetValue<string>();
        }
        while (after is not null);

        seen.ShouldBe(ids, ignoreOrder: true);
    }

    [Fact]
    public async Task A_running_guest_is_interrupted_when_its_invocation_is_cancelled()
    {
        await _silo.DeployAsync("spin", "spin", limits: new JsonObject { ["timeoutMs"] = 60_000, ["maxInstances"] = 1 });
        var id = await IdOfAsync(await EnqueueAsync("spin", []));
        await Eventually.HoldsAsync("the invocation to run", async () => (await GetAsync(id))["state"]!.GetValue<string>() == "running");

        var waiting = _silo.Http.GetAsync($"/v1/invocations/{id}?wait=60s");
        var cancelled = await Answer.JsonAsync(await _silo.Http.DeleteAsync($"/v1/invocations/{id}"));
        var seen = await Answer.JsonAsync(await waiting);

        cancelled["state"]!.GetValue<string>().ShouldBe("cancelled");
        seen["state"]!.GetValue<string>().ShouldBe("cancelled");

        // One instance is all that the function may have: this ends at its own deadline only if the guest is gone.
        await RegisterAsync("spin", "spin", maxAttempts: 1, timeoutMs: 50);
        (await WaitAsync(await IdOfAsync(await EnqueueAsync("spin", []))))["fault"]!["code"]!.GetValue<string>().ShouldBe("timeout");
    }

    [Fact]
    public async Task A_wait_that_is_over_shows_the_state_as_it_is()
    {
        await _silo.DeployAsync("slow", "spin", limits: new JsonObject { ["timeoutMs"] = 60_000 });
        var id = await IdOfAsync(await EnqueueAsync("slow", []));

        var state = (await Answer.JsonAsync(await _silo.Http.GetAsync($"/v1/invocations/{id}?wait=50ms")))["state"]!.GetValue<string>();
        await Answer.ProblemAsync(await _silo.Http.GetAsync($"/v1/invocations/{id}/result"), HttpStatusCode.Conflict, "no_result");
        await _silo.Http.DeleteAsync($"/v1/invocations/{id}");

        state.ShouldBeOneOf("queued", "running");
    }

    [Theory]
    [InlineData("/v1/invocations")]
    [InlineData("/v1/invocations?state=alive")]
    [InlineData("/v1/invocations?state=dead&limit=0")]
    [InlineData("/v1/invocations?state=dead&limit=1001")]
    [InlineData("/v1/invocations?state=dead&after=first")]
    [InlineData("/v1/invocations/00000000-0000-0000-0000-000000000000?wait=soon")]
    [InlineData("/v1/invocations/00000000-0000-0000-0000-000000000000?wait=-1s")]
    public async Task What_is_asked_wrongly_is_refused(string path) =>
        await Answer.ProblemAsync(await _silo.Http.GetAsync(path), HttpStatusCode.BadRequest, "invalid_parameter");

    [Fact]
    public async Task An_id_that_nobody_has_is_not_found()
    {
        var path = $"/v1/invocations/{Guid.NewGuid()}";

        await Answer.ProblemAsync(await _silo.Http.GetAsync(path + "?wait=30s"), HttpStatusCode.NotFound, "invocation_not_found");
        await Answer.ProblemAsync(await _silo.Http.DeleteAsync(path), HttpStatusCode.NotFound, "invocation_not_found");
        await Answer.ProblemAsync(await _silo.Http.GetAsync("/v1/invocations/x"), HttpStatusCode.NotFound, "not_found");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public async Task A_registration_may_not_ask_for_any_number_of_attempts(int attempts)
    {
        var problem = await Answer.ProblemAsync(await RegisterResponseAsync("many", "echo", attempts, 1_000), HttpStatusCode.BadRequest, "invalid_parameter");

        problem["detail"]!.GetValue<string>().ShouldContain("maxAttempts");
    }

    private static async Task<string> IdOfAsync(HttpResponseMessage accepted) => (await Answer.JsonAsync(accepted))["id"]!.GetValue<string>();

    private Task<HttpResponseMessage> EnqueueAsync(string name, byte[] payload, string? region = null, string? key = null)
    {
        var request = new HttpRequestMessage(
            HttpMethod.Post, $"/v1/functions/{name}/invoke-async{(region is null ? "" : $"?region={region}")}")
        { Content = new ByteArrayContent(payload) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return _silo.Http.SendAsync(request);
    }

    private async Task<JsonNode> GetAsync(string id) => await Answer.JsonAsync(await _silo.Http.GetAsync($"/v1/invocations/{id}"));

    private async Task<JsonNode> WaitAsync(string id) => await Answer.JsonAsync(await _silo.Http.GetAsync($"/v1/invocations/{id}?wait=60s"));

    private async Task RegisterAsync(string name, string guest, int maxAttempts, int timeoutMs = 1_000) =>
        await Answer.JsonAsync(await RegisterResponseAsync(name, guest, maxAttempts, timeoutMs));

    private async Task<HttpResponseMessage> RegisterResponseAsync(string name, string guest, int maxAttempts, int timeoutMs)
    {
        var module = await Answer.JsonAsync(await _silo.UploadAsync(TestSilo.Guest(guest)));
        return await _silo.RegisterAsync(name, new JsonObject
        {
            ["module"] = module["hash"]!.GetValue<string>(),
            ["maxAttempts"] = maxAttempts,
            ["limits"] = new JsonObject { ["timeoutMs"] = timeoutMs, ["maxInstances"] = 1 },
        }.ToJsonString());
    }
}
