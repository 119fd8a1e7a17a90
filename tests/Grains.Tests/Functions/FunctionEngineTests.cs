using System.Collections.Concurrent;
using System.Collections.Immutable;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Tests.Functions;

/// <summary>The engine that a function is registered with.</summary>
public sealed class FunctionEngineTests
{
    private readonly OtherEngine _other = new();

    [Fact]
    public async Task An_engine_that_is_allowed_runs_the_function_and_is_told()
    {
        await using var deployment = await Deployment.StartAsync(engines: new EngineSet(new ManagedEngine(), _other));
        var request = await RequestAsync(deployment);

        var usual = (await deployment.Registrar.RegisterAsync("usual", request)).Function;
        _other.Compiled.ShouldBeEmpty();
        var chosen = (await deployment.Registrar.RegisterAsync("chosen", request with { Engine = _other.Name })).Function;

        (usual.Engine, chosen.Engine).ShouldBe(("managed", "wasmtime"));
        (await deployment.InvokeAsync("usual", [1])).Engine.ShouldBe("managed");
        var result = await deployment.InvokeAsync("chosen", [2]);
        (result.Fault, result.Engine).ShouldBe((null, "wasmtime"));
        result.Response.ToArray().ShouldBe([2]);
        deployment.Catalog.Find("chosen").Engine.ShouldBe("wasmtime");
        (await deployment.Registrar.FindVersionAsync("usual", 1)).Function.Engine.ShouldBe("managed");
        (await deployment.Registrar.ListVersionsAsync("usual", null, 10)).ShouldHaveSingleItem().Function.Engine.ShouldBe("managed");
    }

    [Fact]
    public async Task A_registration_compiles_for_its_engine_not_the_first_call()
    {
        await using var deployment = await Deployment.StartAsync(engines: new EngineSet(new ManagedEngine(), _other));
        var request = await RequestAsync(deployment);

        await deployment.Registrar.RegisterAsync("plain", request with { Engine = _other.Name });
        await deployment.Registrar.RegisterAsync("metered", request with { Engine = _other.Name, Limits = RequestedLimits.None.With("fuel", 1_000_000) });

        _other.Compiled.ShouldBe([false, true]);
    }

    [Fact]
    public async Task What_a_registration_compiles_for_its_engine_is_in_its_callers_share()
    {
        await using var deployment = await Deployment.StartAsync(
            engines: new EngineSet(new ManagedEngine(), _other), compiling: new CompileLimits { MaxQueuedPerCaller = 1, Parallel = 4 });
        var request = await RequestAsync(deployment) with { Engine = _other.Name, Caller = "greedy" };
        var second = request with { Module = await deployment.UploadAsync("counter") };
        _other.Hold();

        var first = deployment.Registrar.RegisterAsync("first", request);
        await _other.Begun;
        var refused = await Should.ThrowAsync<SandboxException>(deployment.Registrar.RegisterAsync("second", second));

        (refused.Code, refused.Limit, refused.Value).ShouldBe((ErrorCodes.Overloaded, 1, 2));
        _other.Release();
        await first;
        await deployment.Registrar.RegisterAsync("second", second);
    }

    [Fact]
    public async Task Another_engine_is_refused_and_nothing_changes()
    {
        await using var deployment = await Deployment.StartAsync();
        var request = await RequestAsync(deployment);
        await deployment.Registrar.RegisterAsync("f", request);

        var forbidden = await Should.ThrowAsync<SandboxException>(deployment.Registrar.RegisterAsync("f", request with { Engine = "wasmtime" }));
        var unknown = await Should.ThrowAsync<SandboxException>(deployment.Registrar.RegisterAsync("f", request with { Engine = "v8" }));
        var unknownElsewhere = await Should.ThrowAsync<SandboxException>(deployment.Registrar.CheckAsync("f", request with { Engine = "v8" }, []));

        forbidden.Code.ShouldBe(ErrorCodes.Forbidden);
        forbidden.Message.ShouldContain("managed");
        (unknown.Code, unknownElsewhere.Code).ShouldBe((ErrorCodes.InvalidParameter, ErrorCodes.InvalidParameter));
        deployment.Catalog.Find("f").Version.ShouldBe(1);

        // What only others will serve is theirs to allow.
        (await deployment.Registrar.CheckAsync("f", request with { Engine = "wasmtime" }, [])).Engine.ShouldBe("wasmtime");
    }

    [Fact]
    public async Task The_default_is_stored_as_none_so_that_the_function_follows_it()
    {
        await using var deployment = await Deployment.StartAsync();
        var request = await RequestAsync(deployment);

        await deployment.Registrar.RegisterAsync("f", request);
        (await deployment.Registrar.RegisterAsync("f", request)).Function.Version.ShouldBe(1);
        (await deployment.Registrar.RegisterAsync("f", request with { Engine = "managed" })).Function.Version.ShouldBe(2);

        deployment.Functions.Versions.Select(version => version.Function.Engine).ShouldBe([null, "managed"]);
    }

    [Fact]
    public async Task A_version_whose_engine_is_not_allowed_any_more_fails_its_calls_and_gets_none_anew()
    {
        await using var deployment = await Deployment.StartAsync();
        await deployment.Registrar.RegisterAsync("f", await RequestAsync(deployment));
        var first = (await deployment.Functions.FindVersionAsync("f", 1))!.Function;
        await deployment.Functions.AppendAsync(first with { Engine = "wasmtime" }, kept: 10);
        await deployment.Registrar.TakeUpAsync("f");

        var result = await deployment.InvokeAsync("f", [1]);
        result.Fault!.Code.ShouldBe(ErrorCodes.Forbidden);
        result.Fault.Message.ShouldStartWith("Version 2 of the function \"f\" chooses its engine. The engine wasmtime is not allowed here");
        (await Should.ThrowAsync<SandboxException>(deployment.Registrar.SetTrafficAsync("f", new Dictionary<int, int> { [2] = 1 }))).Code.ShouldBe(ErrorCodes.Forbidden);

        await deployment.Registrar.RollbackAsync("f", version: null);

        (await deployment.InvokeAsync("f", [1])).Fault.ShouldBeNull();
    }

    [Fact]
    public async Task A_version_whose_engine_is_not_allowed_does_not_keep_others_from_running()
    {
        await using var deployment = await Deployment.StartAsync();
        await deployment.Registrar.RegisterAsync("f", await RequestAsync(deployment));
        var first = (await deployment.Functions.FindVersionAsync("f", 1))!.Function;
        await deployment.Functions.AppendAsync(first with { Engine = "wasmtime" }, kept: 10);
        await deployment.Functions.SetTrafficAsync("f", ImmutableSortedDictionary<int, int>.Empty.Add(1, 1).Add(2, 1));
        await deployment.Registrar.TakeUpAsync("f");

        var codes = new HashSet<string?>();
        for (var i = 0; i < 200; i++)
        {
            codes.Add((await deployment.InvokeAsync("f", [1])).Fault?.Code);
        }

        codes.ShouldBe([null, ErrorCodes.Forbidden], ignoreOrder: true);
    }

    private static async Task<FunctionRequest> RequestAsync(Deployment deployment) =>
        new(await deployment.UploadAsync("echo"), Abi: null, Entry: null, [], RequestedLimits.None);

    /// <summary>The managed engine by another name, which counts, and waits if it is told to.</summary>
    private sealed class OtherEngine : IWasmEngine
    {
        private readonly ManagedEngine _engine = new();
        private readonly ManualResetEventSlim _released = new(initialState: true);
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "wasmtime";

        public string Version => _engine.Version;

        /// <summary>Of each module in turn, whether it was metered.</summary>
        public ConcurrentQueue<bool> Compiled { get; } = new();

        /// <summary>Until it has begun to compile something.</summary>
        public Task Begun => _begun.Task;

        /// <summary>Compiles nothing to the end from now on.</summary>
        public void Hold() => _released.Reset();

        /// <summary>Goes on.</summary>
        public void Release() => _released.Set();

        public ICompiledModule Compile(ReadOnlySpan<byte> wasm, bool metered = false, CompileTurn? turn = null)
        {
            Compiled.Enqueue(metered);
            _begun.TrySetResult();
            _released.Wait();
            return _engine.Compile(wasm, metered, turn);
        }
    }
}
