using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Federation;
using HeliosEdge.Grains.Bundles;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.Extensions.DependencyInjection;

namespace HeliosEdge.Silo.Tests.Federation;

[Trait("Category", "Slow")]
public sealed class DeploymentTests
{
    [Fact]
    public async Task A_deployment_reaches_the_stores_of_all_its_regions()
    {
        await using var silos = await Silos.StartAsync();

        var answer = await silos.East.DeployAsync("echo", "echo", regions: ["east", "north", "west"]);

        answer["name"]!.GetValue<string>().ShouldBe("echo");
        States(answer).ShouldBe(["east deployed", "north deployed", "west deployed"]);
        answer["regions"]!.AsArray().Select(region => region!.GetValue<string>()).ShouldBe(["east", "north", "west"]);
        foreach (var silo in new[] { silos.East, silos.West, silos.North })
        {
            (await silo.CallAsync("echo", [1])).ShouldBe([1]);
            (await silo.Services.GetRequiredService<IModuleStore>().ReadAsync(answer["module"]!.GetValue<string>())).ShouldBe(TestSilo.Guest("echo"));
        }

        (await silos.West.InvokeAsync("echo")).Headers.GetValues("X-Helios-Region").ShouldBe(["west"]);
    }

    [Fact]
    public async Task A_deployment_may_lead_only_elsewhere_and_take_its_files_along()
    {
        await using var silos = await Silos.StartAsync();
        var module = await Answer.JsonAsync(await silos.East.UploadAsync(TestSilo.Guest("wasi_bundle")));
        var archive = Zip();
        var bundle = await Answer.JsonAsync(await silos.East.Http.PutAsync("/v1/bundles", new ByteArrayContent(archive)));
        var body = new JsonObject
        {
            ["module"] = module["hash"]!.GetValue<string>(),
            ["regions"] = new JsonArray("west"),
            ["capabilities"] = new JsonArray("fs.read"),
            ["bundles"] = new JsonObject { ["/site"] = bundle["hash"]!.GetValue<string>() },
        };

        States(await Answer.JsonAsync(await silos.East.RegisterAsync("pages", body.ToJsonString()))).ShouldBe(["west deployed"]);

        var there = await Answer.JsonAsync(await silos.West.Http.GetAsync("/v1/functions/pages"));
        there["bundles"]!["/site"]!.GetValue<string>().ShouldBe(bundle["hash"]!.GetValue<string>());
        await Answer.ProblemAsync(await silos.East.Http.GetAsync("/v1/functions/pages"), HttpStatusCode.NotFound, "function_not_found");
        (await silos.West.Http.GetAsync($"/v1/bundles/{bundle["hash"]!.GetValue<string>()}")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_registration_takes_its_engine_along_to_silos_whose_operators_allow_it()
    {
        await using var silos = await Silos.StartAsync();
        var module = await Answer.JsonAsync(await silos.East.UploadAsync(TestSilo.Guest("echo")));
        var body = new JsonObject { ["module"] = module["hash"]!.GetValue<string>(), ["engine"] = "managed", ["regions"] = new JsonArray("west") }.ToJsonString();

        var refused = await Answer.JsonAsync(await silos.East.RegisterAsync("f", body));
        States(refused).ShouldBe(["west failed"]);
        refused["deployments"]![0]!["problem"]!["code"]!.GetValue<string>().ShouldBe("forbidden");
        await Silos.WaitForStatesAsync(silos.East, "up", "west");

        await silos.StopAsync(1);
        silos.AllowedEngines = [EngineKind.Managed];
        await silos.StartOneAsync(1);
        await Silos.WaitForStatesAsync(silos.East, "up", "west");
        States(await Answer.JsonAsync(await silos.East.RegisterAsync("f", body))).ShouldBe(["west deployed"]);
        using (var response = await silos.East.InvokeAsync("f", [1], "west"))
        {
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            response.Headers.GetValues("X-Helios-Engine").ShouldBe(["managed"]);
        }

        // A call that is refused for its engine is no sign that the silos do not know each other.
        await silos.StopAsync(1);
        silos.AllowedEngines = [];
        await silos.StartOneAsync(1);
        await Silos.WaitForStatesAsync(silos.East, "up", "west");
        var problem = await Answer.ProblemAsync(await silos.East.InvokeAsync("f", [1], "west"), HttpStatusCode.Forbidden, "forbidden");
        problem["detail"]!.GetValue<string>().ShouldContain("functions run on wasmtime");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/fn/f/") { Headers = { { "X-Helios-Region", "west" } } };
        using var page = await silos.East.Http.SendAsync(request);
        page.Headers.GetValues("X-Helios-Engine").ShouldBe(["managed"]);
        await Answer.ProblemAsync(page, HttpStatusCode.Forbidden, "forbidden");
    }

    [Fact]
    public async Task A_region_that_was_down_takes_the_newest_deployment_when_it_is_back()
    {
        await using var silos = await Silos.StartAsync();
        await silos.StopAsync(1);
        await Silos.WaitForStatesAsync(silos.East, "down", "west");

        var first = await silos.East.DeployAsync("f", "counter", regions: ["east", "north", "west"]);
        States(first).ShouldBe(["east deployed", "north deployed", "west pending"]);
        await silos.East.DeployAsync("f", "echo", regions: ["east", "west"]);
        (await PendingAsync(silos.East)).ShouldBe(["f put"]);

        // What was accepted outlives the silo that accepted it.
        await silos.StopAsync(0);
        await silos.StartOneAsync(0);
        (await PendingAsync(silos.East)).ShouldBe(["f put"]);
        (await silos.East.CallAsync("f", [4])).ShouldBe([4]);

        await silos.StartOneAsync(1);
        await Eventually.HoldsAsync("west has it", async () => (await silos.West.Http.GetAsync("/v1/functions/f")).IsSuccessStatusCode);
        (await silos.West.CallAsync("f", [6, 7])).ShouldBe([6, 7]);
        await Eventually.HoldsAsync("nothing is pending", async () => (await PendingAsync(silos.East)).Length == 0);
    }

    [Fact]
    public async Task A_removal_reaches_the_regions_too()
    {
        await using var silos = await Silos.StartAsync();
        await silos.East.DeployAsync("f", "echo", regions: ["east", "north", "west"]);
        await silos.StopAsync(1);
        await Silos.WaitForStatesAsync(silos.East, "down", "west");

        using var answer = await silos.East.Http.DeleteAsync("/v1/functions/f");

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        States(await Answer.JsonAsync(answer)).ShouldBe(["north deployed", "west pending"], ignoreOrder: true);
        await Answer.ProblemAsync(await silos.North.InvokeAsync("f", region: "north"), HttpStatusCode.NotFound, "function_not_found");
        await silos.StartOneAsync(1);
        await Eventually.HoldsAsync("west has dropped it", async () => (await silos.West.Http.GetAsync("/v1/functions/f")).StatusCode == HttpStatusCode.NotFound);
        await Eventually.HoldsAsync("nothing is left to tell", async () =>
            (await Answer.JsonAsync(await silos.East.Http.GetAsync("/v1/deployments")))["deployments"]!.AsArray().Count == 0);
        (await silos.East.Http.DeleteAsync("/v1/functions/f")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_is_refused_here_goes_nowhere()
    {
        await using var silos = await Silos.StartAsync();

        var missing = $$"""{"module": "{{new string('0', 64)}}", "regions": ["west", "east"]}""";
        await Answer.ProblemAsync(await silos.East.RegisterAsync("f", missing), HttpStatusCode.NotFound, "module_not_found");
        var module = (await Answer.JsonAsync(await silos.East.UploadAsync(TestSilo.Guest("echo"))))["hash"]!.GetValue<string>();
        foreach (var (body, code) in new[]
        {
            ($$"""{"module": "{{module}}", "regions": ["west", "mars"]}""", "region_not_found"),
            ($$"""{"module": "{{module}}", "regions": ["west", "west"]}""", "invalid_parameter"),
            ($$"""{"module": "{{module}}", "regions": ["west"], "entry": "nothing"}""", "invalid_module"),
        })
        {
            using var answer = await silos.East.RegisterAsync("f", body);
            JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.GetValue<string>().ShouldBe(code);
        }

        (await Answer.JsonAsync(await silos.East.Http.GetAsync("/v1/deployments")))["deployments"]!.AsArray().ShouldBeEmpty();
        await Answer.ProblemAsync(await silos.West.Http.GetAsync("/v1/functions/f"), HttpStatusCode.NotFound, "function_not_found");
        await Answer.ProblemAsync(await silos.East.Http.GetAsync("/v1/deployments?state=late"), HttpStatusCode.BadRequest, "invalid_parameter");
    }

    [Fact]
    public async Task A_refusal_of_another_silo_is_reported_for_its_region()
    {
        var url = $"http://127.0.0.1:{FreePorts.Take()}";
        var small = new SandboxPolicy();
        small = small with { Ceiling = small.Ceiling with { MemoryMiB = 100 } };
        await using var there = await TestSilo.StartAsync(regions: ["there"], url: url, policy: small);
        await using var here = await TestSilo.StartAsync(regions: ["here"], federation: new FederationOptions { Peers = [("there", new Uri(url))] });

        var answer = await here.DeployAsync("f", "echo", limits: new JsonObject { ["memoryMiB"] = 200 }, regions: ["here", "there"]);

        States(answer).ShouldBe(["here deployed", "there failed"]);
        var problem = answer["deployments"]![1]!["problem"]!;
        problem["code"]!.GetValue<string>().ShouldBe("invalid_parameter");
        problem["detail"]!.GetValue<string>().ShouldContain("memoryMiB");
        (await here.CallAsync("f", [1])).ShouldBe([1]);
    }

    [Fact]
    public async Task A_peer_registers_only_what_this_silo_serves()
    {
        await using var silos = await Silos.StartAsync();
        var module = (await Answer.JsonAsync(await silos.East.UploadAsync(TestSilo.Guest("echo"))))["hash"]!.GetValue<string>();
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/functions/f")
        {
            Content = new StringContent($$"""{"module": "{{module}}", "regions": ["north"]}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-Helios-Hops", "1");

        await Answer.ProblemAsync(await silos.West.Http.SendAsync(request), HttpStatusCode.NotFound, "region_not_found");
    }

    [Fact]
    public async Task A_module_that_is_missing_here_comes_from_a_peer_that_has_it()
    {
        await using var silos = await Silos.StartAsync();
        var module = (await Answer.JsonAsync(await silos.West.UploadAsync(TestSilo.Guest("echo"))))["hash"]!.GetValue<string>();

        await Answer.JsonAsync(await silos.East.RegisterAsync("f", $$"""{"module": "{{module}}"}"""));
        await silos.StopAsync(1);

        (await silos.East.CallAsync("f", [8])).ShouldBe([8]);
        (await silos.East.Services.GetRequiredService<IModuleStore>().ReadAsync(module)).ShouldBe(TestSilo.Guest("echo"));
    }

    [Fact]
    public async Task A_bundle_that_is_missing_here_comes_from_a_peer_that_has_it()
    {
        await using var silos = await Silos.StartAsync();
        var module = await Answer.JsonAsync(await silos.East.UploadAsync(TestSilo.Guest("wasi_bundle")));
        var bundle = await Answer.JsonAsync(await silos.West.Http.PutAsync("/v1/bundles", new ByteArrayContent(Zip())));
        var hash = bundle["hash"]!.GetValue<string>();
        JsonObject Body(string wanted) => new()
        {
            ["module"] = module["hash"]!.GetValue<string>(),
            ["capabilities"] = new JsonArray("fs.read"),
            ["bundles"] = new JsonObject { ["/site"] = wanted },
        };

        var nowhere = await Answer.ProblemAsync(
            await silos.East.RegisterAsync("pages", Body(new string('0', 64)).ToJsonString()), HttpStatusCode.NotFound, "bundle_not_found");
        await Answer.JsonAsync(await silos.East.RegisterAsync("pages", Body(hash).ToJsonString()));
        await silos.StopAsync(1);

        nowhere["detail"]!.GetValue<string>().ShouldContain("upload it first");
        JsonNode.DeepEquals(await Answer.JsonAsync(await silos.East.Http.GetAsync($"/v1/bundles/{hash}")), bundle).ShouldBeTrue();
        (await silos.East.Services.GetRequiredService<IBundleStore>().ReadAsync(hash)).ShouldNotBeNull();
    }

    private static string[] States(JsonNode answer) =>
        [.. answer["deployments"]!.AsArray().Select(region => $"{region!["region"]!.GetValue<string>()} {region["state"]!.GetValue<string>()}")];

    private static async Task<string[]> PendingAsync(TestSilo silo) =>
    [
        .. (await Answer.JsonAsync(await silo.Http.GetAsync("/v1/deployments?state=pending")))["deployments"]!.AsArray()
            .Select(deployment => $"{deployment!["function"]!.GetValue<string>()} {deployment["action"]!.GetValue<string>()}"),
    ];

    private static byte[] Zip()
    {
        using var buffer = new MemoryStream();
        using (var archive = new System.IO.Compression.ZipArchive(buffer, System.IO.Compression.ZipArchiveMode.Create))
        {
            using var file = archive.CreateEntry("index.txt").Open();
            file.Write("hello"u8);
        }

        return buffer.ToArray();
    }
}
