using System.Buffers.Binary;
using System.Net;
using System.Text;
using HeliosEdge.Access.Tls;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Http;

[Trait("Category", "Slow")]
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

    [Fact]
    public async Task Keys_belong_to_a_function_in_a_region_and_survive_a_restart()
    {
        using var folder = new TemporaryFolder();
        await using (var silo = await TestSilo.StartAsync(folder.Path))
        {
            await RegisterAsync(silo, """ "profile": "edge" """, "set", "keys");
            (await silo.CallAsync("set", "colour=blue"u8.ToArray(), "eu-west")).ShouldBe(new byte[4]);
        }

        await using var again = await TestSilo.StartAsync(folder.Path);
        var hash = (await Answer.JsonAsync(await again.Http.GetAsync("/v1/functions/set")))["module"]!.GetValue<string>();
        await again.RegisterAsync("set", $$"""{"module": "{{hash}}", "entry": "get", "profile": "edge"}""");
        (await again.CallAsync("set", "colour"u8.ToArray(), "eu-west")).ShouldBe("blue"u8.ToArray());
        (await again.CallAsync("set", "colour"u8.ToArray(), "us-east")).ShouldBe([1, 0, 0, 0]);
    }

    [Fact]
    public async Task Functions_of_a_region_share_its_database()
    {
        await using var silo = await TestSilo.StartAsync();
        await RegisterAsync(silo, """ "profile": "database_only" """, "execute", "database");
        await RegisterAsync(silo, """ "profile": "database_only" """, "query", "database");
        await silo.CallAsync("execute", "CREATE TABLE t AS SELECT 42 AS a"u8.ToArray(), "eu-west");

        (await silo.CallAsync("query", "SELECT a FROM t"u8.ToArray(), "eu-west")).ShouldBe("""{"columns":["a"],"rows":[[42]]}"""u8.ToArray());
        (await silo.CallAsync("query", "SELECT a FROM t"u8.ToArray(), "us-east")).ShouldBe([0xFB, 0xFF, 0xFF, 0xFF]);
    }

    [Theory]
    [InlineData(true, "eu-west")]
    [InlineData(false, null)]
    public async Task Requests_of_guests_reach_private_networks_only_where_the_operator_lets_them(bool allow, string? answered)
    {
        await using var silo = await TestSilo.StartAsync(allowPrivateNetworks: allow);
        var self = silo.Http.BaseAddress!;
        var registered = await RegisterAsync(
            silo, $$""" "capabilities": ["http.outbound"], "allowedHosts": ["{{self.Authority}}"] """, "fetch", "http");
        registered.IsSuccessStatusCode.ShouldBeTrue(await registered.Content.ReadAsStringAsync());

        var answer = await silo.CallAsync("fetch", Encoding.UTF8.GetBytes($$"""{"url": "{{self}}v1/regions"}"""));

        if (answered is not null)
        {
            Encoding.UTF8.GetString(answer).ShouldContain(answered);
        }
        else
        {
            BinaryPrimitives.ReadInt32LittleEndian(answer).ShouldBeLessThan(0);
            answer.Length.ShouldBe(4);
        }
    }

    [Fact]
    public async Task Requests_over_https_reach_servers_of_the_authorities_that_the_operator_named_by_their_names()
    {
        using var folder = new TemporaryFolder();
        using var authority = Certificates.Authority("servers");
        var (served, authorities) = (Path.Combine(folder.Path, "server.pem"), Path.Combine(folder.Path, "authorities.pem"));
        Certificates.Write(Certificates.Server(authority), served);
        await File.WriteAllTextAsync(authorities, authority.ExportCertificatePem());
        await using var server = await TestSilo.StartAsync(configure: options => options with
        {
            Urls = ["https://127.0.0.1:0"],
            Access = new AccessOptions { Tls = new TlsOptions(served, null, null) },
        });
        var port = server.Http.BaseAddress!.Port;
        await using var trusting = await TestSilo.StartAsync(allowPrivateNetworks: true, configure: options => options with { OutboundCa = authorities });
        await using var other = await TestSilo.StartAsync(allowPrivateNetworks: true);

        (await FetchAsync(trusting, "127.0.0.1")).ShouldContain("\"status\":200");
        (await FetchAsync(trusting, "localhost")).ShouldBe("-5", "the certificate is for the address");
        (await FetchAsync(other, "127.0.0.1")).ShouldBe("-5");

        async Task<string> FetchAsync(TestSilo silo, string host)
        {
            var registered = await RegisterAsync(
                silo, $$""" "capabilities": ["http.outbound"], "allowedHosts": ["{{host}}:{{port}}"] """, "fetch", "http");
            registered.IsSuccessStatusCode.ShouldBeTrue(await registered.Content.ReadAsStringAsync());
            var answer = await silo.CallAsync("fetch", Encoding.UTF8.GetBytes($$"""{"url": "https://{{host}}:{{port}}/healthz"}"""));
            return answer.Length == 4 ? $"{BinaryPrimitives.ReadInt32LittleEndian(answer)}" : Encoding.UTF8.GetString(answer);
        }
    }

    [Theory]
    [InlineData(null, "cannot be read")]
    [InlineData("no certificate", "holds no certificate")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be read")]
    public async Task A_file_of_authorities_that_is_none_keeps_the_silo_from_starting(string? content, string why)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "authorities.pem");
        if (content is not null)
        {
            await File.WriteAllTextAsync(file, content);
        }

        var e = await Should.ThrowAsync<SiloStartException>(() => TestSilo.StartAsync(configure: options => options with { OutboundCa = file }));

        e.Message.ShouldStartWith($"--outbound-ca: {file} {why}");
    }

    private static async Task<HttpResponseMessage> RegisterAsync(
        TestSilo silo, string members, string entry = "clock", string guest = "host_functions")
    {
        var hash = (await Answer.JsonAsync(await silo.UploadAsync(TestSilo.Guest(guest))))["hash"]!.GetValue<string>();
        return await silo.RegisterAsync(entry, $$"""{"module": "{{hash}}", "entry": "{{entry}}", {{members}}}""");
    }
}
