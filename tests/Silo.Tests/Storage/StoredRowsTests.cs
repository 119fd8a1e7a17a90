using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Dapper;
using HeliosEdge.Federation.Deployments;
using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.FanOuts;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Storage;
using HeliosEdge.Storage.Catalog;
using HeliosEdge.Storage.Invocations;
using HeliosEdge.Storage.Sqlite;

namespace HeliosEdge.Silo.Tests.Storage;

/// <summary>
/// The JSON in rows, byte for byte: silos of other releases read and wrote them. What is read here is what a release wrote that used the API's own types for it.
/// </summary>
public sealed class StoredRowsTests : IDisposable
{
    private const string First = "01900000-0000-7000-8000-000000000001";
    private const string Second = "01900000-0000-7000-8000-000000000002";

    private static readonly string Hash = new('a', 64);
    private static readonly InvocationLifetime Lifetime = new(TimeSpan.FromHours(1));

    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly SiloDatabase _database;

    public StoredRowsTests()
    {
        _database = new SiloDatabase(Path.Combine(_folder.Path, "silo.db"));
        _database.Migrate();
    }

    [Fact]
    public async Task A_function()
    {
        await new SqlModuleStore(_database, _clock).AddAsync(Hash, default);
        var functions = new SqlFunctionStore(_database, _clock);
        var function = new FunctionDescription
        {
            Name = "f",
            Module = Hash,
            Abi = "wasi",
            Entry = "_start",
            Regions = ["eu-west", "us-east"],
            Limits = (new ResourceLimits() with { Fuel = 7, MaxHttpRequests = 3 }).ToFunctionLimits(),
            Profile = "standard",
            Capabilities = ["fs.read"],
            Env = One("A", "<b>"),
            Args = ["x"],
            Config = One("c", "d"),
            AllowedHosts = ["example.org"],
            Bundles = One("/data", Hash),
            MaxAttempts = 2,
        };

        await functions.AppendAsync(function, kept: 10);

        (await TextAsync("SELECT definition FROM function_versions")).ShouldBe(
            $$$"""
            {"name":"f","module":"{{{Hash}}}","abi":"wasi","entry":"_start","regions":["eu-west","us-east"],
            "limits":{"fuel":7,"maxAllocationBytes":16777216,"maxConfigBytes":65536,"maxHostCalls":10000,"maxHttpRequests":3,"maxInstances":100,
            "maxLogBytes":65536,"maxModuleBytes":16777216,"maxPayloadBytes":1048576,"maxQueryBytes":65536,"maxResponseBytes":1048576,
            "maxStringBytes":65536,"memoryMiB":64,"stackKiB":1024,"tableElements":100000,"timeoutMs":5000},
            "profile":"standard","capabilities":["fs.read"],"env":{"A":"\u003Cb\u003E"},"args":["x"],"config":{"c":"d"},"allowedHosts":["example.org"],
            "bundles":{"/data":"{{{Hash}}}"},"maxAttempts":2,"version":1}
            """.ReplaceLineEndings(""));
        ShouldBeSame((await functions.ReadAsync("f"))!.Current with { Traffic = null }, function with { Version = 1 });

        var chosen = function with { Engine = "managed" };
        await functions.AppendAsync(chosen, kept: 10);

        (await TextAsync("SELECT definition FROM function_versions WHERE version = 2")).ShouldEndWith(""","maxAttempts":2,"version":2,"engine":"managed"}""");
        ShouldBeSame((await functions.ReadAsync("f"))!.Current with { Traffic = null }, chosen with { Version = 2 });
    }

    [Fact]
    public async Task A_function_of_an_earlier_release()
    {
        await new SqlModuleStore(_database, _clock).AddAsync(Hash, default);
        await ExecuteAsync("INSERT INTO functions (name, latest) VALUES ('f', 1), ('g', 1)");

        // What was written with the API's type, and what the third migration made of the first release's columns.
        var written = $$$"""
            {"name":"f","module":"{{{Hash}}}","abi":"helios-1","entry":"handle","regions":["eu-west"],"limits":{"memoryMiB":32,"tableElements":100000,"maxInstances":100,"maxModuleBytes":16777216,"stackKiB":1024,"timeoutMs":5000,"fuel":9,"maxPayloadBytes":1048576,"maxResponseBytes":1048576,"maxStringBytes":65536,"maxQueryBytes":65536,"maxConfigBytes":65536,"maxAllocationBytes":16777216,"maxHostCalls":10000,"maxLogBytes":65536,"maxHttpRequests":32},"profile":"minimal","capabilities":["env"],"env":{"A":"b"},"args":[],"config":{},"allowedHosts":[],"bundles":{},"maxAttempts":5,"version":1}
            """;
        var migrated = $$$"""
            {"name":"g","module":"{{{Hash}}}","abi":"helios-1","entry":"handle","profile":"minimal","regions":["eu-west"],"capabilities":[],"env":{},"args":[],"config":{},"allowedHosts":[],"bundles":{},"limits":{"memoryMiB":32,"tableElements":100000,"maxInstances":100,"maxModuleBytes":16777216,"stackKiB":1024,"timeoutMs":5000,"maxPayloadBytes":1048576,"maxResponseBytes":1048576,"maxStringBytes":65536,"maxQueryBytes":65536,"maxConfigBytes":65536,"maxAllocationBytes":16777216,"maxHostCalls":10000,"maxLogBytes":65536}}
            """;
        foreach (var (name, definition) in new[] { ("f", written), ("g", migrated) })
        {
            await ExecuteAsync(
                "INSERT INTO function_versions (name, version, module, definition, created_at, weight) VALUES (@name, 1, @Hash, @definition, '2026-01-01T00:00:00.0000000+00:00', 100)",
                new { name, Hash, definition });
        }

        var functions = new SqlFunctionStore(_database, _clock);
        var expected = new FunctionDescription
        {
            Name = "f",
            Module = Hash,
            Abi = "helios-1",
            Entry = "handle",
            Regions = ["eu-west"],
            Limits = (new ResourceLimits() with { MemoryMiB = 32, Fuel = 9 }).ToFunctionLimits(),
            Capabilities = ["env"],
            Env = One("A", "b"),
            Version = 1,
        };
        ShouldBeSame((await functions.ReadAsync("f"))!.Current with { Traffic = null }, expected);
        ShouldBeSame(
            (await functions.ReadAsync("g"))!.Current with { Traffic = null },
            expected with
            {
                Name = "g",
                Limits = (new ResourceLimits() with { MemoryMiB = 32 }).ToFunctionLimits(),
                Capabilities = [],
                Env = expected.Env.Clear(),
            });
    }

    [Fact]
    public async Task A_failed_invocation()
    {
        IInvocationStore store = new SqlInvocationStore(_database, Lifetime, _clock);
        var fault = new InvocationFault { Code = "trap", Message = "It \"trapped\".", Limit = 1, Value = 2, Backtrace = ["a", "b"] };

        var bare = new InvocationFault { Code = "timeout", Message = "Late." };
        var queued = await store.RecordAsync(New() with { IdempotencyKey = "1" }, null, fault);
        var other = await store.RecordAsync(New() with { IdempotencyKey = "2" }, null, bare);

        const string Written = """{"code":"trap","message":"It \u0022trapped\u0022.","limit":1,"value":2,"backtrace":["a","b"]}""";
        (await TextAsync("SELECT fault FROM invocations WHERE id = @id", new { id = queued.Id.ToString() })).ShouldBe(Written);
        (await TextAsync("SELECT fault FROM invocations WHERE id = @id", new { id = other.Id.ToString() }))
            .ShouldBe("""{"code":"timeout","message":"Late.","backtrace":[]}""");
        foreach (var (id, expected) in new[] { (queued.Id, fault), (other.Id, bare) })
        {
            var read = (await store.FindAsync(id))!.Fault!;
            read.Backtrace.ShouldBe(expected.Backtrace);
            (read with { Backtrace = expected.Backtrace }).ShouldBe(expected);
        }
    }

    [Fact]
    public async Task A_fan_out()
    {
        IFanOutStore store = new SqlFanOutStore(_database, Lifetime, _clock);
        var fanOut = new StoredFanOut
        {
            Id = Guid.CreateVersion7(),
            Function = "f",
            Mode = FanOutMode.Quorum,
            Needed = 2,
            Invocations = [Guid.Parse(First), Guid.Parse(Second)],
            Unsure = [Guid.Parse(Second)],
            CreatedAt = _clock.GetUtcNow(),
        };

        await store.AddAsync(fanOut, [New(), New()]);

        (await TextAsync("SELECT invocations FROM fanouts")).ShouldBe($"""["{First}","{Second}"]""");
        (await TextAsync("SELECT unsure FROM fanouts")).ShouldBe($"""["{Second}"]""");
        (await TextAsync("SELECT mode || '/' || needed FROM fanouts")).ShouldBe("2/2");
        var read = (await store.FindAsync(fanOut.Id))!;
        (read.Mode, read.Needed).ShouldBe((FanOutMode.Quorum, 2));
        read.Invocations.ShouldBe(fanOut.Invocations);
        read.Unsure.ShouldBe(fanOut.Unsure);
    }

    [Fact]
    public async Task A_deployment()
    {
        var store = new SqlDeploymentStore(_database, _clock);
        await store.PutAsync([new StoredDeployment
        {
            Function = "f",
            Peer = "https://us.example.org/",
            Regions = ["us-east", "us-west"],
            Registration = """{"module":"m"}""",
            Module = Hash,
            Bundles = [Hash, new string('b', 64)],
        }]);
        var stored = (await store.FindAsync("f", "https://us.example.org/"))!;

        await store.EndAsync(stored, DeploymentState.Failed, new DeploymentProblem("invalid_parameter", "It is \"wrong\"."));

        (await TextAsync("SELECT problem FROM deployments")).ShouldBe("""{"code":"invalid_parameter","detail":"It is \u0022wrong\u0022."}""");
        (await TextAsync("SELECT regions || ' ' || bundles || ' ' || state || ' ' || registration FROM deployments"))
            .ShouldBe($$"""us-east,us-west {{Hash}},{{new string('b', 64)}} 2 {"module":"m"}""");
        var read = (await store.FindAsync("f", "https://us.example.org/"))!;
        read.Problem.ShouldBe(new DeploymentProblem("invalid_parameter", "It is \"wrong\"."));
        read.State.ShouldBe(DeploymentState.Failed);
    }

    [Fact]
    public void What_is_under_an_idempotency_key()
    {
        var claim = new StoredCall("aa", null, Guid.Parse(First), null);
        var answer = new StoredCall("aa", "eu", null, new StoredCall.Answer("eu", 3, Hash, 7, [1, 2], null));
        var failure = new StoredCall("aa", null, null, new StoredCall.Answer(
            "eu", 3, Hash, 7, null, new InvocationFault { Code = "trap", Message = "It is <wrong>.", Backtrace = ["f"] }));

        Text(claim).ShouldBe($$"""{"payloadHash":"aa","claim":"{{First}}"}""");
        Text(answer).ShouldBe($$$"""{"payloadHash":"aa","region":"eu","outcome":{"region":"eu","version":3,"module":"{{{Hash}}}","durationUs":7,"response":"AQI="}}""");
        Text(failure).ShouldBe(
            $$$$"""{"payloadHash":"aa","outcome":{"region":"eu","version":3,"module":"{{{{Hash}}}}","durationUs":7,"fault":{"code":"trap","message":"It is \u003Cwrong\u003E.","backtrace":["f"]}}}""");
        StoredCall.Read(claim.ToBytes()).ShouldBe(claim);
        var told = answer with { Outcome = answer.Outcome! with { Engine = "managed" } };
        Text(told).ShouldEndWith(""""response":"AQI=","engine":"managed"}}"""");
        StoredCall.Read(told.ToBytes()).Outcome!.ToResult().Engine.ShouldBe("managed");
        StoredCall.Read(answer.ToBytes()).Outcome!.ToResult().Engine.ShouldBe("");
        foreach (var stored in new[] { answer, failure })
        {
            Text(StoredCall.Read(stored.ToBytes())).ShouldBe(Text(stored));
        }
    }

    [Fact]
    public void What_earlier_releases_put_under_an_idempotency_key()
    {
        var claim = Read($$"""{"payloadHash":"aa","claim":"{{First}}","status":0,"headers":{},"body":""}""");
        var answer = Read("""{"payloadHash":"aa","status":200,"contentType":"text/plain","headers":{"X-Helios-Region":"eu","X-Helios-Version":"3","X-Helios-Duration-Us":"7"},"body":"AQI=","region":"eu"}""");
        var problem = Convert.ToBase64String("""{"type":"t","title":"No","status":502,"detail":"It is wrong.","code":"trap","limit":null,"value":null,"backtrace":["f"]}"""u8);
        var failure = Read($$$"""{"payloadHash":"aa","status":502,"headers":{"X-Helios-Region":"eu","X-Helios-Module-Hash":"{{{Hash}}}"},"body":"{{{problem}}}"}""");

        (claim.Claim, claim.Outcome).ShouldBe((Guid.Parse(First), null));
        (answer.PayloadHash, answer.Region, answer.Claim).ShouldBe(("aa", "eu", null));
        (answer.Outcome!.Region, answer.Outcome.Version, answer.Outcome.DurationUs, answer.Outcome.Fault).ShouldBe(("eu", 3, 7, null));
        answer.Outcome.Response.ShouldBe([1, 2]);
        (failure.Outcome!.Module, failure.Outcome.Response).ShouldBe((Hash, null));
        (failure.Outcome.Fault!.Code, failure.Outcome.Fault.Message, failure.Outcome.Fault.Backtrace.Single()).ShouldBe(("trap", "It is wrong.", "f"));
        Should.Throw<JsonException>(() => Read("""{"payloadHash":"aa"}"""));

        static StoredCall Read(string json) => StoredCall.Read(Encoding.UTF8.GetBytes(json));
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    private static string Text(StoredCall call) => Encoding.UTF8.GetString(call.ToBytes());

    private static NewInvocation New() => new() { Function = "f", Region = "eu", Payload = default };

    private static ImmutableSortedDictionary<string, string> One(string key, string value) =>
        ImmutableSortedDictionary<string, string>.Empty.Add(key, value);

    private static void ShouldBeSame(FunctionDescription one, FunctionDescription other) =>
        JsonSerializer.Serialize(one).ShouldBe(JsonSerializer.Serialize(other));

    private Task<string?> TextAsync(string sql, object? arguments = null) => ((IStateDatabase)_database).ReadAsync(connection => connection.ExecuteScalarAsync<string?>(sql, arguments));

    private Task ExecuteAsync(string sql, object? arguments = null) =>
        ((IStateDatabase)_database).WriteAsync((connection, transaction) => connection.ExecuteAsync(sql, arguments, transaction));
}
