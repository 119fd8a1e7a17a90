using System.Net;
using System.Security.Cryptography;
using System.Text;
using Shouldly;
using Xunit;

namespace HeliosEdge.Client.Tests;

/// <summary>The client against a real silo that runs real guests.</summary>
[Trait("Category", "Process")]
public sealed class SiloTests(SharedSilo silo) : IClassFixture<SharedSilo>, IDisposable
{
    private static readonly byte[] Hello = "Hello"u8.ToArray();

    private readonly HttpEdgeClient _client = new(silo.Address);

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task AnUploadedModuleIsDescribedAsItIs()
    {
        var bytes = await File.ReadAllBytesAsync(SharedSilo.Sample("echo"));

        var uploaded = await _client.UploadModuleAsync(bytes);
        var described = await _client.GetModuleAsync(uploaded.Hash);

        uploaded.Hash.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(bytes)));
        uploaded.Size.ShouldBe(bytes.Length);
        uploaded.Imports.ShouldBeEmpty();
        uploaded.Exports.ShouldContain(new ModuleExport("handle", "function", "(i32, i32) -> (i64)"));
        uploaded.Exports.ShouldContain(e => e.Name == "memory" && e.Kind == "memory");
        described.ShouldBeEquivalentTo(uploaded);
    }

    [Fact]
    public async Task ImportsAreDescribedToo()
    {
        var uploaded = await _client.UploadModuleAsync(await File.ReadAllBytesAsync(SharedSilo.Guest("imports")));

        uploaded.Imports.ShouldNotBeEmpty();
        uploaded.Imports.ShouldAllBe(i => i.Module.Length > 0 && i.Name.Length > 0 && i.Kind.Length > 0);
    }

    [Fact]
    public async Task AStreamUploadsTheSameModule()
    {
        await using var file = File.OpenRead(SharedSilo.Sample("echo"));

        var fromStream = await _client.UploadModuleAsync(file);
        var fromBytes = await _client.UploadModuleAsync(await File.ReadAllBytesAsync(SharedSilo.Sample("echo")));

        fromStream.ShouldBeEquivalentTo(fromBytes);
    }

    [Fact]
    public async Task BytesThatAreNoModuleAreRefusedWithTheirOffset()
    {
        var error = await Should.ThrowAsync<EdgeInvalidModuleException>(() => _client.UploadModuleAsync(Hello));

        error.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        error.Detail.ShouldContain("at byte");
    }

    [Theory]
    [InlineData((16 << 20) + 1)]
    [InlineData(64 << 20)]
    public async Task AModuleBeyondTheLimitIsRefusedWithTheLimit(int size)
    {
        var error = await Should.ThrowAsync<EdgeModuleTooLargeException>(() => _client.UploadModuleAsync(new byte[size]));

        error.Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        error.Detail.ShouldContain("16777216");
        error.Detail.ShouldContain($"{size}");
    }

    [Fact]
    public async Task AModuleThatIsNotThereIsNotFound()
    {
        await Should.ThrowAsync<EdgeModuleNotFoundException>(() => _client.GetModuleAsync(new string('0', 64)));
        await Should.ThrowAsync<EdgeModuleNotFoundException>(
            () => _client.RegisterFunctionAsync("no-module", new FunctionRegistration { Module = new string('0', 64) }));
        var error = await Should.ThrowAsync<EdgeException>(() => _client.GetModuleAsync("not-a-hash"));
        error.Code.ShouldBe("invalid_parameter");
    }

    [Fact]
    public async Task AFunctionLivesFromItsRegistrationToItsDeletion()
    {
        var module = await UploadAsync(SharedSilo.Sample("echo"));

        var registered = await _client.RegisterFunctionAsync("life", new FunctionRegistration { Module = module });
        var found = await _client.GetFunctionAsync("life");
        var listed = await _client.ListFunctionsAsync().SingleAsync(f => f.Name == "life");
        await _client.DeleteFunctionAsync("life");

        registered.Module.ShouldBe(module);
        registered.Abi.ShouldBe("helios-1");
        registered.Entry.ShouldBe("handle");
        registered.Regions.ShouldBe(["eu-west", "us-east", "ap-south"], ignoreOrder: true);
        registered.Limits.MemoryMiB.ShouldBe(64);
        registered.Limits.TimeoutMs.ShouldBe(5000);
        registered.Limits.MaxPayloadBytes.ShouldBe(1 << 20);
        registered.Limits.MaxResponseBytes.ShouldBe(1 << 20);
        found.ShouldBeEquivalentTo(registered);
        listed.ShouldBeEquivalentTo(registered);
        await Should.ThrowAsync<EdgeFunctionNotFoundException>(() => _client.GetFunctionAsync("life"));
        await Should.ThrowAsync<EdgeFunctionNotFoundException>(() => _client.DeleteFunctionAsync("life"));
        await Should.ThrowAsync<EdgeFunctionNotFoundException>(() => _client.InvokeAsync("life", null, Hello));
    }

    [Fact]
    public async Task EverythingThatIsRegisteredComesBack()
    {
        var module = await UploadAsync(SharedSilo.Sample("echo"));
        var limits = new FunctionLimits
        {
            MemoryMiB = 1,
            TableElements = 2,
            MaxInstances = 3,
            MaxModuleBytes = 1_000_000,
            StackKiB = 128,
            TimeoutMs = 4,
            Fuel = 5_000_000_000,
            MaxPayloadBytes = 6,
            MaxResponseBytes = 7,
            MaxStringBytes = 8,
            MaxQueryBytes = 9,
            MaxConfigBytes = 1_000,
            MaxAllocationBytes = 10,
            MaxHostCalls = 11,
            MaxLogBytes = 12,
            MaxHttpRequests = 13,
        };
        var registration = new FunctionRegistration
        {
            Module = module,
            Limits = limits,
            Profile = "compute",
            Capabilities = ["kv.read"],
            Env = new Dictionary<string, string> { ["A"] = "b=ü", ["EMPTY"] = "" },
            Args = ["-v", ""],
            Config = new Dictionary<string, string> { ["k=1"] = "v" },
            AllowedHosts = ["api.example.com"],
        };

        await _client.RegisterFunctionAsync("whole", registration);
        var function = await _client.GetFunctionAsync("whole");

        function.Limits.ShouldBe(limits);
        function.Profile.ShouldBe("compute");
        function.Capabilities.ShouldBe(["clock", "env", "kv.read", "log", "random"]);
        function.Env.ShouldBe(registration.Env, ignoreOrder: true);
        function.Args.ShouldBe(["-v", ""]);
        function.Config.ShouldBe(registration.Config);
        function.AllowedHosts.ShouldBe(["api.example.com"]);
        function.Bundles.ShouldBeEmpty();
    }

    [Fact]
    public async Task ACapabilityThatIsNotGrantedIsDenied()
    {
        var module = await UploadAsync(SharedSilo.Guest("host_functions"));

        var error = await Should.ThrowAsync<EdgeCapabilityDeniedException>(
            () => _client.RegisterFunctionAsync("denied", new FunctionRegistration { Module = module, Entry = "clock" }));

        error.Detail.ShouldContain("clock");
    }

    [Fact]
    public async Task TooManyCallsOfTheHostAreALimitWithItsNumbers()
    {
        await DeployAsync("busy", SharedSilo.Guest("host_functions"), r => r with
        {
            Entry = "probe",
            Profile = "compute",
            Limits = new FunctionLimits { MaxHostCalls = 1 },
        });

        var error = await Should.ThrowAsync<EdgeLimitExceededException>(() => _client.InvokeAsync("busy", null, Hello));

        error.Code.ShouldBe("host_calls_exceeded");
        (error.Limit, error.Value).ShouldBe((1, 2));
    }

    [Fact]
    public async Task VersionsAreListedRolledBackAndWeighted()
    {
        await DeployAsync("steps", SharedSilo.Sample("echo"));
        await DeployAsync("steps", SharedSilo.Sample("echo"), r => r with { Limits = new FunctionLimits { TimeoutMs = 77 } });

        var versions = await _client.ListVersionsAsync("steps").ToListAsync();
        var first = await _client.GetVersionAsync("steps", 1);
        var back = await _client.RollbackFunctionAsync("steps");
        var divided = await _client.SetTrafficAsync("steps", new Dictionary<int, int> { [1] = 3, [2] = 1 });

        versions.Select(v => (v.Version, v.Weight, v.Function.Version)).ShouldBe([(2, 100, 2), (1, 0, 1)]);
        versions[0].Function.Limits.TimeoutMs.ShouldBe(77);
        first.Function.ShouldSatisfyAllConditions(f => f.Name.ShouldBe("steps"), f => f.Traffic.ShouldBeNull());
        (back.Version, back.Traffic!.Single()).ShouldBe((1, new(1, 100)));
        divided.Traffic.ShouldBe(new Dictionary<int, int> { [1] = 3, [2] = 1 }, ignoreOrder: true);
        (await _client.InvokeAsync("steps", null, Hello)).ToArray().ShouldBe(Hello);
        await Should.ThrowAsync<EdgeVersionNotFoundException>(() => _client.RollbackFunctionAsync("steps", 3));
        await Should.ThrowAsync<EdgeVersionNotFoundException>(() => _client.GetVersionAsync("steps", 3));
        await Should.ThrowAsync<EdgeFunctionNotFoundException>(async () => await _client.ListVersionsAsync("nosuch").ToListAsync());
    }

    [Fact]
    public async Task AFunctionOfOneRegionIsListedAndServedThereOnly()
    {
        await DeployAsync("regional", SharedSilo.Sample("echo"), r => r with { Regions = ["us-east"] });

        var here = await _client.ListFunctionsAsync("us-east").Select(f => f.Name).ToListAsync();
        var elsewhere = await _client.ListFunctionsAsync("eu-west").Select(f => f.Name).ToListAsync();

        here.ShouldContain("regional");
        elsewhere.ShouldNotContain("regional");
        (await _client.InvokeAsync("regional", "us-east", Hello)).ToArray().ShouldBe(Hello);
        (await _client.InvokeAsync("regional", null, Hello)).ToArray().ShouldBe(Hello);
        await Should.ThrowAsync<EdgeFunctionNotFoundException>(() => _client.InvokeAsync("regional", "eu-west", Hello));
    }

    [Fact]
    public async Task ARegionThatIsNotServedIsNotFound()
    {
        var module = await DeployAsync("everywhere", SharedSilo.Sample("echo"));

        await Should.ThrowAsync<EdgeRegionNotFoundException>(() => _client.InvokeAsync("everywhere", "mars-1", Hello));
        await Should.ThrowAsync<EdgeRegionNotFoundException>(async () => await _client.ListFunctionsAsync("mars-1").ToListAsync());
        await Should.ThrowAsync<EdgeRegionNotFoundException>(
            () => _client.RegisterFunctionAsync("martian", new FunctionRegistration { Module = module, Regions = ["mars-1"] }));
    }

    [Fact]
    public async Task TheRegionsCountTheirFunctions()
    {
        var before = await _client.ListRegionsAsync();
        await DeployAsync("counted", SharedSilo.Sample("echo"), r => r with { Regions = ["ap-south"] });
        var after = await _client.ListRegionsAsync();
        await _client.DeleteFunctionAsync("counted");

        before.Select(r => r.Name).ShouldBe(["eu-west", "us-east", "ap-south"]);
        after.Single(r => r.Name == "ap-south").Functions.ShouldBe(before.Single(r => r.Name == "ap-south").Functions + 1);
        after.Single(r => r.Name == "eu-west").Functions.ShouldBe(before.Single(r => r.Name == "eu-west").Functions);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_537)]
    [InlineData(1 << 20)]
    public async Task APayloadComesBackByteForByte(int size)
    {
        await DeployAsync("echo", SharedSilo.Sample("echo"));
        var payload = RandomNumberGenerator.GetBytes(size);

        foreach (var region in new[] { null, "eu-west", "us-east", "ap-south" })
        {
            (await _client.InvokeAsync("echo", region, payload)).ToArray().ShouldBe(payload);
        }
    }

    [Fact]
    public async Task AnAnswerSaysWhatRan()
    {
        await DeployAsync("told", SharedSilo.Sample("echo"));
        var registered = await _client.GetFunctionAsync("told");

        var answer = await _client.InvokeAsync("told", "us-east", Hello);

        (answer.Region, answer.Version, answer.ModuleHash).ShouldBe(("us-east", registered.Version, registered.Module));
        (answer.Engine, registered.Engine).ShouldBe(("wasmtime", "wasmtime"));
        answer.Duration.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public async Task CallsAtTheSameTimeGetTheirOwnAnswers()
    {
        await DeployAsync("parallel", SharedSilo.Sample("echo"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(
            i => _client.InvokeAsync("parallel", null, Encoding.ASCII.GetBytes($"call {i}"))));

        answers.Select(answer => Encoding.ASCII.GetString(answer.Payload.Span)).ShouldBe(Enumerable.Range(0, 100).Select(i => $"call {i}"));
    }

    [Fact]
    public async Task AnEntryOtherThanHandleIsCalled()
    {
        await DeployAsync("entry", SharedSilo.Guest("liar"), r => r with { Entry = "last" });

        (await _client.InvokeAsync("entry", null, default)).ToArray().ShouldBe([42]);
    }

    [Fact]
    public async Task AModuleThatDoesNotFitTheAbiIsRefusedWhenItIsRegistered()
    {
        var module = await UploadAsync(SharedSilo.Guest("misfit"));

        var error = await Should.ThrowAsync<EdgeInvalidModuleException>(
            () => _client.RegisterFunctionAsync("misfit", new FunctionRegistration { Module = module }));

        error.Detail.ShouldContain("memory");
    }

    [Theory]
    [InlineData("Not A Name")]
    [InlineData("ünï")]
    public async Task ANameThatTheSiloDoesNotAcceptIsAnInvalidParameter(string name)
    {
        var module = await UploadAsync(SharedSilo.Sample("echo"));

        var error = await Should.ThrowAsync<EdgeException>(
            () => _client.RegisterFunctionAsync(name, new FunctionRegistration { Module = module }));

        error.Code.ShouldBe("invalid_parameter");
        error.Detail.ShouldContain(name);
    }

    [Fact]
    public async Task ALimitAboveTheSilosIsAnInvalidParameter()
    {
        var module = await UploadAsync(SharedSilo.Sample("echo"));

        var error = await Should.ThrowAsync<EdgeException>(() => _client.RegisterFunctionAsync(
            "greedy", new FunctionRegistration { Module = module, Limits = new FunctionLimits { MemoryMiB = 100_000 } }));

        error.Code.ShouldBe("invalid_parameter");
        error.Status.ShouldBe(HttpStatusCode.BadRequest);
        error.Detail.ShouldContain("100000");
    }

    [Fact]
    public async Task ATrapCarriesTheNamesOfTheGuestsFunctions()
    {
        await DeployAsync("trap", SharedSilo.Sample("trap"));

        var error = await Should.ThrowAsync<EdgeTrapException>(() => _client.InvokeAsync("trap", null, Hello));

        error.Detail.ShouldContain("out of bounds memory access");
        error.Backtrace.Count.ShouldBeGreaterThan(0);
        error.Backtrace[0].ShouldContain("load_price");
    }

    [Theory]
    [InlineData(17)]
    [InlineData(32 << 20)]
    public async Task APayloadBeyondTheLimitIsRefusedWithTheLimit(int size)
    {
        await DeployAsync("small-in", SharedSilo.Sample("echo"), r => r with { Limits = new FunctionLimits { MaxPayloadBytes = 16 } });

        (await _client.InvokeAsync("small-in", null, new byte[16])).Payload.Length.ShouldBe(16);
        var error = await Should.ThrowAsync<EdgePayloadTooLargeException>(
            () => _client.InvokeAsync("small-in", null, new byte[size]));

        error.Detail.ShouldContain("16 bytes");
        error.Detail.ShouldContain($"{size}");
    }

    [Fact]
    public async Task AResponseBeyondTheLimitIsRefused()
    {
        await DeployAsync("small-out", SharedSilo.Sample("echo"), r => r with { Limits = new FunctionLimits { MaxResponseBytes = 16 } });

        (await _client.InvokeAsync("small-out", null, new byte[16])).Payload.Length.ShouldBe(16);
        await Should.ThrowAsync<EdgeResponseTooLargeException>(() => _client.InvokeAsync("small-out", null, new byte[17]));
    }

    [Fact]
    public async Task AGuestThatNeverReturnsIsATimeout()
    {
        await DeployAsync("spin", SharedSilo.Guest("spin"), r => r with { Limits = new FunctionLimits { TimeoutMs = 50 } });

        var error = await Should.ThrowAsync<EdgeTimeoutException>(() => _client.InvokeAsync("spin", null, default));

        error.Status.ShouldBe(HttpStatusCode.GatewayTimeout);
        error.Detail.ShouldContain("50");
    }

    [Fact]
    public async Task AGuestThatTakesTooMuchMemoryIsStoppedAtItsLimit()
    {
        await DeployAsync("large", SharedSilo.Guest("large"), r => r with { Limits = new FunctionLimits { MemoryMiB = 256 } });
        (await _client.InvokeAsync("large", null, default)).ToArray().ShouldBeEmpty();

        await DeployAsync("hog", SharedSilo.Guest("hog"), r => r with { Limits = new FunctionLimits { MemoryMiB = 8 } });
        await Should.ThrowAsync<EdgeMemoryLimitException>(() => _client.InvokeAsync("hog", null, default));
    }

    [Fact]
    public async Task AResponseThatLiesOutsideTheGuestsMemoryIsCorrupted()
    {
        await DeployAsync("liar", SharedSilo.Guest("liar"), r => r with { Entry = "wrap" });

        var error = await Should.ThrowAsync<EdgeException>(() => _client.InvokeAsync("liar", null, default));

        error.Code.ShouldBe("corrupted_response");
        error.Status.ShouldBe(HttpStatusCode.BadGateway);
    }

    private async Task<string> UploadAsync(string path) => (await _client.UploadModuleAsync(await File.ReadAllBytesAsync(path))).Hash;

    private async Task<string> DeployAsync(string name, string path, Func<FunctionRegistration, FunctionRegistration>? change = null)
    {
        var registration = new FunctionRegistration { Module = await UploadAsync(path) };
        await _client.RegisterFunctionAsync(name, change is null ? registration : change(registration));
        return registration.Module;
    }
}
