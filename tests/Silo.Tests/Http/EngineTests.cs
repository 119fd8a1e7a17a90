using System.Net;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Http;

/// <summary>Functions that choose their engine.</summary>
public sealed class EngineTests
{
    [Fact]
    public async Task Functions_of_one_module_run_on_the_engines_that_they_choose_while_the_operator_allows_them()
    {
        using var folder = new TemporaryFolder();
        string body;
        await using (var silo = await StartAsync(folder.Path, EngineKind.Managed))
        {
            await silo.DeployAsync("usual", "counter");
            body = await BodyAsync(silo, "counter", "managed");
            var chosen = await Answer.JsonAsync(await silo.RegisterAsync("chosen", body));

            chosen["engine"]!.GetValue<string>().ShouldBe("managed");
            (await EngineAsync(silo, "usual")).ShouldBe("wasmtime");
            (await EngineAsync(silo, "chosen")).ShouldBe("managed");
            (await Answer.JsonAsync(await silo.Http.GetAsync("/v1/functions")))["functions"]!.AsArray()
                .Select(function => function!["engine"]!.GetValue<string>()).ShouldBe(["managed", "wasmtime"]);
            (await Answer.JsonAsync(await silo.Http.GetAsync("/v1/functions/chosen/versions/1")))["function"]!["engine"]!.GetValue<string>().ShouldBe("managed");
            (await CallAsync(silo, "usual")).ShouldBe("wasmtime");
            (await CallAsync(silo, "chosen")).ShouldBe("managed");
            (await silo.CallAsync("usual", [])).ShouldBe(await silo.CallAsync("chosen", []));
        }

        await using (var silo = await StartAsync(folder.Path))
        {
            using var refused = await silo.InvokeAsync("chosen");
            refused.Headers.GetValues("X-Helios-Engine").ShouldBe(["managed"]);
            var problem = await Answer.ProblemAsync(refused, HttpStatusCode.Forbidden, "forbidden");
            problem["detail"]!.GetValue<string>().ShouldContain("functions run on wasmtime");
            await Answer.ProblemAsync(await silo.Http.GetAsync("/fn/chosen/"), HttpStatusCode.Forbidden, "forbidden");
            (await EngineAsync(silo, "chosen")).ShouldBe("managed");
            (await CallAsync(silo, "usual")).ShouldBe("wasmtime");

            await Answer.ProblemAsync(await silo.RegisterAsync("chosen", body), HttpStatusCode.Forbidden, "forbidden");
            await silo.DeployAsync("chosen", "counter");
            (await CallAsync(silo, "chosen")).ShouldBe("wasmtime");
            await Answer.ProblemAsync(await silo.Http.PostAsync("/v1/functions/chosen/rollback", null), HttpStatusCode.Forbidden, "forbidden");
            (await CallAsync(silo, "chosen")).ShouldBe("wasmtime");
        }

        // Who chooses nothing follows the silo.
        await using (var silo = await TestSilo.StartAsync(folder.Path, engine: EngineKind.Managed))
        {
            (await EngineAsync(silo, "usual")).ShouldBe("managed");
            (await CallAsync(silo, "usual")).ShouldBe("managed");
        }
    }

    [Fact]
    public async Task Whoever_deploys_cannot_choose_what_the_operator_did_not_allow()
    {
        await using var silo = await StartAsync();

        using var refused = await silo.RegisterAsync("f", await BodyAsync(silo, "echo", "managed"));
        var problem = await Answer.ProblemAsync(refused, HttpStatusCode.Forbidden, "forbidden");

        problem["detail"]!.GetValue<string>().ShouldBe(
            "The engine managed is not allowed here: functions run on wasmtime, and only the operator can allow another one.");
        await Answer.ProblemAsync(await silo.RegisterAsync("f", await BodyAsync(silo, "echo", "v8")), HttpStatusCode.BadRequest, "invalid_parameter");
        await Answer.ProblemAsync(await silo.Http.GetAsync("/v1/functions/f"), HttpStatusCode.NotFound, "function_not_found");
        (await Answer.JsonAsync(await silo.RegisterAsync("f", await BodyAsync(silo, "echo", "wasmtime"))))["engine"]!.GetValue<string>().ShouldBe("wasmtime");
    }

    [Fact]
    public async Task A_plain_HTTP_answer_and_a_streamed_one_tell_the_engine()
    {
        await using var silo = await StartAsync(null, EngineKind.Managed);
        await Answer.JsonAsync(await silo.RegisterAsync("page", await BodyAsync(silo, "wasi_upper", "managed")));

        using var response = await silo.Http.PostAsync("/fn/page/", new ByteArrayContent("Content-Type: text/plain\n\nhello"u8.ToArray()));

        response.Headers.GetValues("X-Helios-Engine").ShouldBe(["managed"]);
    }

    private static Task<TestSilo> StartAsync(string? folder = null, params EngineKind[] allowed) =>
        TestSilo.StartAsync(folder, configure: options => options with { AllowedEngines = [.. allowed] });

    private static async Task<string> BodyAsync(TestSilo silo, string guest, string engine)
    {
        var module = await Answer.JsonAsync(await silo.UploadAsync(TestSilo.Guest(guest)));
        return new JsonObject { ["module"] = module["hash"]!.GetValue<string>(), ["engine"] = engine }.ToJsonString();
    }

    private static async Task<string> EngineAsync(TestSilo silo, string name) =>
        (await Answer.JsonAsync(await silo.Http.GetAsync($"/v1/functions/{name}")))["engine"]!.GetValue<string>();

    /// <summary>Calls a function that must answer.</summary>
    /// <returns>The engine that ran it.</returns>
    private static async Task<string> CallAsync(TestSilo silo, string name)
    {
        using var response = await silo.InvokeAsync(name);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return response.Headers.GetValues("X-Helios-Engine").ShouldHaveSingleItem();
    }
}
