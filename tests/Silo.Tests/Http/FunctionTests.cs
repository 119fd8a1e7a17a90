using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Http;

[Trait("Category", "Slow")]
public sealed class FunctionTests(OneSilo shared) : IClassFixture<OneSilo>
{
    private readonly TestSilo _silo = shared.Silo;

    [Fact]
    public async Task A_function_is_registered_found_changed_and_deleted()
    {
        var hash = (await Answer.JsonAsync(await _silo.UploadAsync(TestSilo.Guest("echo"))))["hash"]!.GetValue<string>();
        const string Limits =
            """{"memoryMiB": 8, "tableElements": 7, "maxInstances": 6, "maxModuleBytes": 5000, "stackKiB": 400, "timeoutMs": 100, "fuel": 1000000, "maxPayloadBytes": 10, "maxResponseBytes": 20, "maxStringBytes": 30, "maxQueryBytes": 40, "maxConfigBytes": 50, "maxAllocationBytes": 60, "maxHostCalls": 70, "maxHttpRequests": 75, "maxLogBytes": 80}""";
        const string Settings =
            """ "env": {"A": "1", "b": ""}, "args": ["z", "a"], "config": {"c": "2"}, "allowedHosts": ["*.example.com"], "bundles": {} """;
        var body = $$$"""{"module": "{{{hash}}}", "abi": "helios-1", "entry": "handle", "regions": ["us-east", "eu-west"], "limits": {{{Limits}}}, {{{Settings}}} }""";

        var created = await _silo.RegisterAsync("life", body);
        var found = await _silo.Http.GetAsync("/v1/functions/life");

        created.StatusCode.ShouldBe(HttpStatusCode.Created);
        created.Headers.Location!.ToString().ShouldBe("/v1/functions/life");
        var expected = JsonNode.Parse(
            $$$"""{"name": "life", "module": "{{{hash}}}", "abi": "helios-1", "entry": "handle", "regions": ["eu-west", "us-east"], "limits": {{{Limits}}}, "profile": "minimal", "capabilities": [], {{{Settings}}}, "maxAttempts": 5, "version": 1, "traffic": {"1": 100}, "engine": "wasmtime" }""");
        JsonNode.DeepEquals(await Answer.JsonAsync(created), expected).ShouldBeTrue();
        JsonNode.DeepEquals(await Answer.JsonAsync(found), expected).ShouldBeTrue();

        var changed = await _silo.RegisterAsync("life", $$"""{"module": "{{hash}}"}""");
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
        var now = await Answer.JsonAsync(changed);
        now["regions"]!.AsArray().Count.ShouldBe(3);
        now["limits"]!["timeoutMs"]!.GetValue<int>().ShouldBe(5_000);

        (await _silo.Http.DeleteAsync("/v1/functions/life")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Answer.ProblemAsync(await _silo.Http.DeleteAsync("/v1/functions/life"), HttpStatusCode.NotFound, "function_not_found");
        await Answer.ProblemAsync(await _silo.Http.GetAsync("/v1/functions/life"), HttpStatusCode.NotFound, "function_not_found");
        await Answer.ProblemAsync(await _silo.InvokeAsync("life"), HttpStatusCode.NotFound, "function_not_found");
    }

    [Fact]
    public async Task Functions_are_listed_by_name_overall_and_in_each_region()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.DeployAsync("zeta", "echo");
        await silo.DeployAsync("alpha", "echo", regions: ["us-east"]);

        (await NamesAsync("/v1/functions")).ShouldBe(["alpha", "zeta"]);
        (await NamesAsync("/v1/regions/us-east/functions")).ShouldBe(["alpha", "zeta"]);
        (await NamesAsync("/v1/regions/eu-west/functions")).ShouldBe(["zeta"]);
        var regions = (await Answer.JsonAsync(await silo.Http.GetAsync("/v1/regions")))["regions"]!.AsArray();
        regions.Select(region => $"{region!["name"]} {region["functions"]}").ShouldBe(["eu-west 1", "us-east 2", "ap-south 1"]);
        await Answer.ProblemAsync(await silo.Http.GetAsync("/v1/regions/mars/functions"), HttpStatusCode.NotFound, "region_not_found");

        async Task<IEnumerable<string>> NamesAsync(string path) =>
            (await Answer.JsonAsync(await silo.Http.GetAsync(path)))["functions"]!.AsArray().Select(function => function!["name"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("", "no JSON")]
    [InlineData("{", "no JSON")]
    [InlineData("{} x", "no JSON")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("null", "must be a JSON object")]
    [InlineData("{}", "module is missing")]
    [InlineData("""{"module": null}""", "module is missing")]
    [InlineData("""{"module": 1}""", "module must be a string, not 1")]
    [InlineData("""{"module": "HASH", "module": "HASH"}""", "module")]
    [InlineData("""{"module": "HASH", "Module": "HASH"}""", "Unknown member \"Module\"")]
    [InlineData("""{"module": "HASH", "memory": 1, "timeout": 2}""", "Unknown member \"memory\", \"timeout\"; known are module, abi, entry, regions, limits")]
    [InlineData("""{"module": "HASH", "limits": {"memory": 1}}""", "Unknown member \"limits.memory\"")]
    [InlineData("""{"module": "HASH", "limits": 5}""", "limits must be a JSON object, not 5")]
    [InlineData("""{"module": "HASH", "limits": {"memoryMiB": "8"}}""", "limits.memoryMiB must be a whole number, not \"8\"")]
    [InlineData("""{"module": "HASH", "limits": {"memoryMiB": 1.5}}""", "limits.memoryMiB must be a whole number, not 1.5")]
    [InlineData("""{"module": "HASH", "limits": {"timeoutMs": 60001}}""", "limits.timeoutMs must be from 1 to 60000, not 60001")]
    [InlineData("""{"module": "HASH", "limits": {"timeoutMs": 99999999999999999999}}""", "limits.timeoutMs must be a whole number")]
    [InlineData("""{"module": "HASH", "regions": "eu-west"}""", "regions must be a list of strings")]
    [InlineData("""{"module": "HASH", "regions": ["eu-west", 7]}""", "regions[1] must be a string, not 7")]
    [InlineData("""{"module": "HASH", "regions": ["eu-west", "eu-west"]}""", "twice")]
    [InlineData("""{"module": "HASH", "abi": "nonesuch"}""", "helios-1")]
    [InlineData("""{"module": "HASH", "entry": ""}""", "entry must have from 1 to 256 characters")]
    [InlineData("""{"module": "HASH", "entry": "\ud800"}""", "entry is no valid Unicode text")]
    [InlineData("""{"module": "short"}""", "SHA-256")]
    public async Task A_body_that_is_not_right_is_refused_and_the_fault_named(string body, string named)
    {
        var hash = (await Answer.JsonAsync(await _silo.UploadAsync(TestSilo.Guest("echo"))))["hash"]!.GetValue<string>();

        var problem = await Answer.ProblemAsync(
            await _silo.RegisterAsync("refused", body.Replace("HASH", hash, StringComparison.Ordinal)), HttpStatusCode.BadRequest, "invalid_parameter");

        problem["detail"]!.GetValue<string>().ShouldContain(named);
        await Answer.ProblemAsync(await _silo.Http.GetAsync("/v1/functions/refused"), HttpStatusCode.NotFound, "function_not_found");
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("-dash")]
    [InlineData("dot.dot")]
    [InlineData("a%20b")]
    public async Task A_name_that_is_no_label_is_refused(string name) =>
        await Answer.ProblemAsync(await _silo.RegisterAsync(name, $$"""{"module": "{{new string('a', 64)}}"}"""), HttpStatusCode.BadRequest, "invalid_parameter");

    [Fact]
    public async Task What_the_module_lacks_is_refused_when_it_is_registered()
    {
        var imports = await RefusedAsync("imports", "handle", HttpStatusCode.UnprocessableEntity, "invalid_module");
        var misfit = await RefusedAsync("misfit", "handle", HttpStatusCode.UnprocessableEntity, "invalid_module");
        var entry = await RefusedAsync("echo", "absent", HttpStatusCode.UnprocessableEntity, "invalid_module");
        var large = await RefusedAsync("large", "handle", HttpStatusCode.UnprocessableEntity, "memory_limit_exceeded");

        imports.ShouldContain("env.now () -> (i64)");
        misfit.ShouldContain("__wasm_deallocate");
        entry.ShouldContain("absent");
        large.ShouldContain("134217728");

        async Task<string> RefusedAsync(string guest, string entry, HttpStatusCode status, string code)
        {
            var hash = (await Answer.JsonAsync(await _silo.UploadAsync(TestSilo.Guest(guest))))["hash"]!.GetValue<string>();
            var answer = await _silo.RegisterAsync("refused", $$"""{"module": "{{hash}}", "entry": "{{entry}}"}""");
            return (await Answer.ProblemAsync(answer, status, code))["detail"]!.GetValue<string>();
        }
    }

    [Fact]
    public async Task A_module_that_nobody_uploaded_and_a_region_that_nobody_serves_are_not_found()
    {
        var hash = (await Answer.JsonAsync(await _silo.UploadAsync(TestSilo.Guest("echo"))))["hash"]!.GetValue<string>();

        await Answer.ProblemAsync(
            await _silo.RegisterAsync("f", $$"""{"module": "{{new string('a', 64)}}"}"""), HttpStatusCode.NotFound, "module_not_found");
        await Answer.ProblemAsync(
            await _silo.RegisterAsync("f", $$"""{"module": "{{hash}}", "regions": ["mars"]}"""), HttpStatusCode.NotFound, "region_not_found");
    }

    [Fact]
    public async Task A_body_that_is_not_declared_as_JSON_is_not_taken()
    {
        var form = await _silo.Http.PutAsync("/v1/functions/f", new StringContent("{}", Encoding.UTF8, "application/x-www-form-urlencoded"));
        var none = await _silo.Http.PutAsync("/v1/functions/f", new ByteArrayContent("{}"u8.ToArray()));

        var problem = await Answer.ProblemAsync(form, HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
        problem["detail"]!.GetValue<string>().ShouldContain("application/x-www-form-urlencoded");
        await Answer.ProblemAsync(none, HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
    }

    [Fact]
    public async Task A_registration_with_more_than_its_settings_may_have_is_not_read()
    {
        const int Limit = (64 << 10) + (2 << 20);

        var problem = await Answer.ProblemAsync(
            await _silo.RegisterAsync("f", new string(' ', Limit + 1)), HttpStatusCode.RequestEntityTooLarge, "payload_too_large");

        problem["limit"]!.GetValue<int>().ShouldBe(Limit);
    }

    [Fact]
    public async Task Settings_may_be_as_large_as_the_limits_say()
    {
        var hash = (await Answer.JsonAsync(await _silo.UploadAsync(TestSilo.Guest("echo"))))["hash"]!.GetValue<string>();

        var within = await _silo.RegisterAsync("large", Body(1 << 20));
        var over = await _silo.RegisterAsync("large", Body(500_000));

        (await Answer.JsonAsync(within))["config"]!["k"]!.GetValue<string>().Length.ShouldBe(600 << 10);
        var problem = await Answer.ProblemAsync(over, HttpStatusCode.BadRequest, "invalid_parameter");
        (problem["limit"]!.GetValue<int>(), problem["value"]!.GetValue<int>()).ShouldBe((500_000, (600 << 10) + 1));

        string Body(int limit) =>
            $$$"""{"module": "{{{hash}}}", "config": {"k": "{{{new string('a', 600 << 10)}}}"}, "limits": {"maxConfigBytes": {{{limit}}}}}""";
    }
}
