using System.Buffers.Binary;
using System.Net;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Http;

public sealed class HostFunctionTests
{
    [Fact]
    public async Task A_function_calls_the_host_within_its_profile_before_and_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await using (var silo = await TestSilo.StartAsync(folder.Path))
        {
            var function = await Answer.JsonAsync(await RegisterAsync(silo, """ "profile": "compute", "capabilities": ["kv.read"] """));
            function["profile"]!.GetValue<string>().ShouldBe("compute");
            function["capabilities"]!.AsArray().Select(name => name!.GetValue<string>()).ShouldBe(["clock", "env", "kv.read", "log", "random"]);
            BinaryPrimitives.ReadInt32LittleEndian(await silo.CallAsync("clock", [])).ShouldBeInRange((int)before, (int)before + 600);
        }

        await using var again = await TestSilo.StartAsync(folder.Path);
        var kept = await Answer.JsonAsync(await again.Http.GetAsync("/v1/functions/clock"));
        kept["capabilities"]!.AsArray().Count.ShouldBe(5);
        BinaryPrimitives.ReadInt32LittleEndian(await again.CallAsync("clock", [])).ShouldBeInRange((int)before, (int)before + 600);
    }

    [Fact]
    public async Task A_function_that_is_granted_too_little_is_refused_with_what_is_missing()
    {
        await using var silo = await TestSilo.StartAsync();

        var refused = await Answer.ProblemAsync(
            await RegisterAsync(silo, """ "capabilities": ["log", "clock"] """), HttpStatusCode.UnprocessableEntity, "capability_denied");
        refused["detail"]!.GetValue<string>().ShouldContain("heliosdb.random_get needs random");
        await Answer.ProblemAsync(await RegisterAsync(silo, """ "profile": "root" """), HttpStatusCode.BadRequest, "invalid_parameter");
        await Answer.ProblemAsync(await RegisterAsync(silo, """ "capabilities": ["root"] """), HttpStatusCode.BadRequest, "invalid_parameter");
        await Answer.ProblemAsync(await silo.InvokeAsync("clock"), HttpStatusCode.NotFound, "function_not_found");
    }

    [Fact]
    public async Task A_guest_that_probes_its_walls_is_ended_as_a_violation_and_the_next_call_is_served()
    {
        await using var silo = await TestSilo.StartAsync();
        await RegisterAsync(silo, """ "profile": "compute" """, "probe");
        await silo.DeployAsync("echo", "echo");

        var ended = await Answer.ProblemAsync(await silo.InvokeAsync("probe"), HttpStatusCode.BadGateway, "sandbox_violation");
        ended["limit"]!.GetValue<int>().ShouldBe(3);
        (await silo.CallAsync("echo", "alive"u8.ToArray())).ShouldBe("alive"u8.ToArray());
    }

    private static async Task<HttpResponseMessage> RegisterAsync(TestSilo silo, string members, string entry = "clock")
    {
        var hash = (await Answer.JsonAsync(await silo.UploadAsync(TestSilo.Guest("host_functions"))))["hash"]!.GetValue<string>();
        return await silo.RegisterAsync(entry, $$"""{"module": "{{hash}}", "entry": "{{entry}}", {{members}}}""");
    }
}
