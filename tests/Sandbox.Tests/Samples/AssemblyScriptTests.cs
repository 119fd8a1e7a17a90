using System.Buffers;
using System.Text;
using HeliosEdge.Sandbox.Abi.Helios1;
using HeliosEdge.Sandbox.HostServices.Http;
using HeliosEdge.Sandbox.HostServices.KeyValue;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Tests.HostFunctions;
using HeliosEdge.Sandbox.Tests.Http;
using HeliosEdge.Sandbox.Tests.Storage;

namespace HeliosEdge.Sandbox.Tests.Samples;

/// <summary>The SDK for AssemblyScript, and the sample that uses most of it, against the real host functions.</summary>
public sealed class AssemblyScriptTests : IDisposable
{
    private readonly TemporaryFile _file = new();
    private readonly GuestLines _log = new();
    private readonly SettableClock _clock = new();
    private readonly SqliteKeyValueStore _keys;
    private readonly SqliteRegionDatabases _databases;
    private readonly OutboundHttp _http = new(new() { AllowPrivateNetworks = true });
    private GuestSettings _settings = new() { Environment = [new("A", "ä"), new("EMPTY", "")] };
    private SecurityProfile _profile = SecurityProfile.Resolve("edge", []);

    public AssemblyScriptTests()
    {
        _keys = new SqliteKeyValueStore(_file.Path);
        _databases = new SqliteRegionDatabases(Path.GetDirectoryName(_file.Path)!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x\0ä")]
    public void Payload_and_response_are_bytes(string text) => Sdk("echo", text).ShouldBe($"echo\n{text}");

    [Fact]
    public void Lines_reach_the_log_with_their_levels()
    {
        Sdk("log", "grüß Gott 🦀").ShouldBe("0");
        _log.Lines.ShouldBe(new[] { "Trace", "Debug", "Information", "Warning", "Error" }.Select(level => $"f eu {level} grüß Gott 🦀"));
    }

    [Fact]
    public void Time_randomness_and_variables_are_read()
    {
        Sdk("clock").ShouldBe("1000000000000000000");
        Invoke("sdk", "random\n100"u8.ToArray()).Distinct().Count().ShouldBeGreaterThan(20);
        Sdk("random", "70000").ShouldBe("-4");
        Sdk("env", "A").ShouldBe("ä");
        Sdk("env", "EMPTY").ShouldBe("");
        Sdk("env", "B").ShouldBe("1");
    }

    [Fact]
    public void Keys_are_set_read_listed_and_removed()
    {
        Sdk("kv.list", "").ShouldBe("0:");
        Sdk("kv.set", "a\"\\\u0001🦀", "one").ShouldBe("0");
        Sdk("kv.set", "ab", "").ShouldBe("0");
        Sdk("kv.get", "a\"\\\u0001🦀").ShouldBe("one");
        Sdk("kv.get", "ab").ShouldBe("");
        Sdk("kv.get", "b").ShouldBe("1");
        Sdk("kv.get", new string('k', 1_025)).ShouldBe("-4");
        Sdk("kv.list", "a").ShouldBe("2:a\"\\\u0001🦀|ab");
        Sdk("kv.remove", "ab").ShouldBe("removed");
        Sdk("kv.remove", "ab").ShouldBe("1");
        _log.Lines.ShouldBeEmpty();
    }

    [Fact]
    public void Statements_are_run()
    {
        Sdk("db.execute", "CREATE TABLE t (a)").ShouldBe("""{"rowsAffected":0,"lastInsertId":0}""");
        Sdk("db.execute", "INSERT INTO t VALUES (?1)", "[\"x\"]").ShouldBe("""{"rowsAffected":1,"lastInsertId":1}""");
        Sdk("db.query", "SELECT a FROM t").ShouldBe("""{"columns":["a"],"rows":[["x"]]}""");
        Sdk("db.query", "nonsense").ShouldBe("-5");
    }

    [Fact]
    public void Requests_are_sent_and_responses_read()
    {
        using var server = new LocalServer(request => LocalServer.Ok(request.Split("\r\n\r\n")[1], "X-Answer: \"\\ \u00E4\r\n"));
        var url = $"http://127.0.0.1:{server.Port}/a";

        Sdk("http", url, "1").ShouldBe("-9");
        _settings = new() { AllowedHosts = [$"127.0.0.1:{server.Port}"] };
        Sdk("http", url, "1").ShouldBe("200 \"\\ \u00E4 body ä");
        server.Requests.ShouldHaveSingleItem().ShouldContain("POST /a HTTP/1.1");
        server.Requests.Single().ShouldContain("x-one: 1\r\nx-two: 2 \"quoted\" \\\r\n");
        Sdk("http", url, "\u0001").ShouldBe("-5");
    }

    [Fact]
    public void The_sample_keeps_what_its_origin_has()
    {
        var status = 200;
        using var server = new LocalServer(request =>
            $"HTTP/1.1 {status} Whatever\r\nContent-Length: 4\r\n\r\n{request.Split(' ')[1]}!!");
        _profile = SecurityProfile.Resolve(null, ["clock", "env", "http.outbound", "kv.read", "kv.write", "log"]);
        Cached("/a").ShouldContain("ORIGIN is not set");
        _settings = new()
        {
            Environment = [new("ORIGIN", $"http://127.0.0.1:{server.Port}"), new("MAX_AGE_SECONDS", "10")],
            AllowedHosts = [$"127.0.0.1:{server.Port}"],
        };

        Cached("/a").ShouldBe("/a!!");
        Cached("/a").ShouldBe("/a!!");
        server.Requests.Count.ShouldBe(1);
        _clock.Now += TimeSpan.FromSeconds(10);
        status = 503;
        Cached("/a").ShouldBe("/a!!");
        Cached("/b").ShouldContain("status 503");
        server.Requests.Count.ShouldBe(3);
        _log.Lines.ShouldContain("f eu Information /a is kept, 4 bytes");
        _log.Lines.ShouldContain($"f eu Warning http://127.0.0.1:{server.Port}/b: status 503");
    }

    public void Dispose()
    {
        _http.Dispose();
        _keys.Dispose();
        _file.Dispose();
    }

    private string Sdk(params string[] arguments) => Encoding.UTF8.GetString(Invoke("sdk", Encoding.UTF8.GetBytes(string.Join('\n', arguments))));

    private string Cached(string path) => Encoding.UTF8.GetString(Invoke("cached", Encoding.UTF8.GetBytes(path)));

    private byte[] Invoke(string guest, byte[] payload)
    {
        using var module = Guests.Compile(guest);
        var limits = new ResourceLimits { TimeoutMs = 30_000 };
        var abi = new Helios1Abi();
        abi.CheckModule(module, "handle", limits, _profile);
        var response = new ArrayBufferWriter<byte>();
        var services = new HostServiceSet { Log = _log, Clock = _clock, Services = [_keys, _databases, _http] };
        abi.Invoke(module, "handle", payload, limits, response, new SandboxScope("f", "eu", _profile, limits, services, _settings));
        return response.WrittenSpan.ToArray();
    }

    private sealed class SettableClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.FromUnixTimeSeconds(1_000_000_000);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
