using System.Collections.Immutable;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Compilation;

namespace HeliosEdge.Grains.Tests.Modules;

public sealed class ModuleCacheTests
{
    private static readonly ModuleCacheLimits Nothing = ModuleCacheLimits.Default with { MaxIdle = 0 };
    private static readonly ModuleCacheLimits TenBytes = new(new ModuleFootprint(100, 100, 10));

    private readonly CountingEngine _engine = new();

    [Fact]
    public async Task However_many_lease_a_module_it_is_compiled_once()
    {
        var cache = new ModuleCache(new CompilePool(new EngineSet(_engine), new CompileLimits()), Nothing);

        var leases = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => LeaseAsync(cache, "a", 1))));

        _engine.Compiled.ShouldBe(1);
        leases.Select(lease => lease.Module).Distinct().Count().ShouldBe(1);
        cache.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_module_is_unloaded_with_its_last_lease()
    {
        var cache = new ModuleCache(new CompilePool(new EngineSet(_engine), new CompileLimits()), Nothing);
        var first = await LeaseAsync(cache, "a", 1);
        var second = cache.TryLease("a", new ModuleBuild(_engine));
        var third = cache.TryLease("a", new ModuleBuild(_engine))!;
        var module = (CountingEngine.Compilation)first.Module;

        first.Dispose();
        first.Dispose();
        second!.Dispose();
        module.IsDisposed.ShouldBeFalse();
        third.Dispose();

        module.IsDisposed.ShouldBeTrue();
        cache.Count.ShouldBe(0);
        cache.TryLease("a", new ModuleBuild(_engine)).ShouldBeNull();
    }

    [Fact]
    public async Task A_module_that_does_not_compile_fails_all_who_asked_and_is_forgotten()
    {
        var cache = new ModuleCache(new CompilePool(new EngineSet(_engine), new CompileLimits()), Nothing);

        var attempts = Enumerable.Range(0, 10).Select(_ => LeaseAsync(cache, "bad", 0)).ToArray();
        foreach (var attempt in attempts)
        {
            (await Should.ThrowAsync<SandboxException>(attempt)).Code.ShouldBe(ErrorCodes.InvalidModule);
        }

        cache.Count.ShouldBe(0);
        (await LeaseAsync(cache, "bad", 1)).Module.ShouldNotBeNull();
    }

    [Fact]
    public async Task Modules_without_a_lease_stay_while_they_fit_and_the_least_recently_used_goes_first()
    {
        using var cache = new ModuleCache(new CompilePool(new EngineSet(_engine), new CompileLimits()), TenBytes);
        var modules = new Dictionary<string, CountingEngine.Compilation>();
        foreach (var name in new[] { "a", "b", "c" })
        {
            using var lease = await LeaseAsync(cache, name, 1, 2, 3, 4);
            modules.Add(name, (CountingEngine.Compilation)lease.Module);
            if (name == "b")
            {
                cache.TryLease("a", new ModuleBuild(_engine))!.Dispose();
            }
        }

        // b was still leased when a was used again, so a is the older of the two.
        modules.Where(module => module.Value.IsDisposed).Select(module => module.Key).ShouldBe(["a"]);
        (cache.Count, cache.Loaded.Bytes).ShouldBe((2, 8));
        cache.TryLease("a", new ModuleBuild(_engine)).ShouldBeNull();

        cache.TryLease("b", new ModuleBuild(_engine))!.Dispose();

        using (await LeaseAsync(cache, "d", 1, 2, 3, 4))
        {
            modules["c"].IsDisposed.ShouldBeFalse();
        }

        modules["c"].IsDisposed.ShouldBeTrue();
        modules["b"].IsDisposed.ShouldBeFalse();
        _engine.Compiled.ShouldBe(4);
        cache.Dispose();
        modules["b"].IsDisposed.ShouldBeTrue();
        cache.Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_module_larger_than_everything_that_may_stay_goes_with_its_lease_alone()
    {
        using var cache = new ModuleCache(new CompilePool(new EngineSet(_engine), new CompileLimits()), TenBytes);
        (await LeaseAsync(cache, "large", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)).Dispose();

        (cache.Count, cache.Loaded.Bytes).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_module_that_no_function_names_goes_with_its_last_lease()
    {
        using var cache = new ModuleCache(new CompilePool(new EngineSet(_engine), new CompileLimits()), ModuleCacheLimits.Default);
        var lease = await LeaseAsync(cache, "a", 1);
        (await LeaseAsync(cache, "b", 1)).Dispose();

        cache.Forget("a");
        cache.Forget("b");
        cache.Forget("c");

        cache.Count.ShouldBe(1);
        lease.Dispose();
        (cache.Count, cache.Loaded).ShouldBe((0, default));
    }

    [Fact]
    public async Task A_module_that_is_asked_for_again_stays()
    {
        using var cache = new ModuleCache(new CompilePool(new EngineSet(_engine), new CompileLimits()), ModuleCacheLimits.Default);
        var lease = await LeaseAsync(cache, "a", 1);
        cache.Forget("a");
        cache.TryLease("a", new ModuleBuild(_engine))!.Dispose();

        lease.Dispose();

        cache.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Modules_that_run_are_never_unloaded_for_others_which_are_refused_with_limit_and_value()
    {
        using var cache = new ModuleCache(new CompilePool(new EngineSet(_engine), new CompileLimits()), TenBytes);
        var running = new[] { await LeaseAsync(cache, "a", 1, 2, 3, 4, 5, 6), await LeaseAsync(cache, "b", 1, 2, 3, 4, 5, 6) };

        var refused = await Should.ThrowAsync<SandboxException>(LeaseAsync(cache, "c", 1));

        (refused.Code, refused.Limit, refused.Value).ShouldBe((ErrorCodes.Overloaded, 10, 12));
        running[0].Dispose();
        (await LeaseAsync(cache, "c", 1)).Dispose();
        cache.TryLease("a", new ModuleBuild(_engine)).ShouldBeNull();
    }

    [Fact]
    public async Task A_module_is_in_memory_once_for_each_engine_and_goes_from_all_of_them()
    {
        var other = new CountingEngine();
        using var cache = new ModuleCache(new CompilePool(new EngineSet(_engine, other), new CompileLimits()), ModuleCacheLimits.Default);
        var first = await LeaseAsync(cache, "a", 1, 2);
        cache.TryLease("a", new ModuleBuild(other)).ShouldBeNull();
        var second = await cache.LeaseAsync("a", new ModuleBuild(other), () => Task.FromResult<ReadOnlyMemory<byte>>(new byte[] { 1, 2 }));

        (_engine.Compiled, other.Compiled, cache.Count).ShouldBe((1, 1, 2));
        second.Module.ShouldNotBe(first.Module);
        cache.Loaded.ShouldBe(new ModuleFootprint(2, 2, 4));

        first.Dispose();
        second.Dispose();
        cache.Forget("a");

        cache.Count.ShouldBe(0);
        (_engine.Lingering, other.Lingering).ShouldBe((new ModuleFootprint(1, 1, 2), new ModuleFootprint(1, 1, 2)));
    }

    [Fact]
    public async Task What_any_engine_has_not_unloaded_yet_is_reclaimed_before_more_is_loaded()
    {
        var other = new CountingEngine();
        using var cache = new ModuleCache(new CompilePool(new EngineSet(_engine, other), new CompileLimits()), Nothing with { Loaded = new ModuleFootprint(10, 10, 10) });
        for (byte i = 1; i <= 100; i++)
        {
            (await cache.LeaseAsync($"{i}", new ModuleBuild(other), () => Task.FromResult<ReadOnlyMemory<byte>>(new[] { i }))).Dispose();
            other.Lingering.Mappings.ShouldBeLessThanOrEqualTo(7);
        }
    }

    [Fact]
    public async Task Modules_that_the_engine_has_not_unloaded_yet_are_reclaimed_before_more_are_loaded()
    {
        using var cache = new ModuleCache(new CompilePool(new EngineSet(_engine), new CompileLimits()), Nothing with { Loaded = new ModuleFootprint(10, 10, 10) });
        for (byte i = 1; i <= 100; i++)
        {
            (await LeaseAsync(cache, $"{i}", i)).Dispose();
            _engine.Lingering.Mappings.ShouldBeLessThanOrEqualTo(7);
        }
    }

    private Task<ModuleLease> LeaseAsync(ModuleCache cache, string hash, params byte[] bytes) =>
        cache.LeaseAsync(hash, new ModuleBuild(_engine), () => Task.FromResult<ReadOnlyMemory<byte>>(bytes));

    /// <summary>Compiles everything but bytes that begin with 0, and counts.</summary>
    private sealed class CountingEngine : IWasmEngine
    {
        private int _compiled;

        public string Name => "counting";

        public string Version => "1";

        public int Compiled => _compiled;

        public ModuleFootprint Lingering { get; private set; }

        public void Reclaim(bool now) => Lingering = now ? default : Lingering;

        public ICompiledModule Compile(ReadOnlySpan<byte> wasm, bool metered = false, CompileTurn? turn = null)
        {
            Interlocked.Increment(ref _compiled);
            return wasm[0] == 0 ? throw new SandboxException(ErrorCodes.InvalidModule, "It begins with 0.") : new Compilation(this, wasm.Length);
        }

        internal sealed class Compilation(CountingEngine engine, int bytes) : ICompiledModule
        {
            public ModuleFootprint Footprint => new(1, 1, bytes);

            public long MostMemoryBytes(long limit) => 0;

            public bool IsDisposed { get; private set; }

            public ImmutableArray<ModuleImport> Imports => [];

            public ImmutableArray<ModuleExport> Exports => [];

            public IGuestInstance Instantiate(in InstanceLimits limits, HostFunctionSet? imports, object? state) => throw new InvalidOperationException("Nothing here is called.");

            public void Dispose()
            {
                IsDisposed.ShouldBeFalse();
                IsDisposed = true;
                engine.Lingering += Footprint;
            }
        }
    }
}
