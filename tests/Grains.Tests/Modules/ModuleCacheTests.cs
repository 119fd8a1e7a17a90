using System.Collections.Immutable;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Grains.Tests.Modules;

public sealed class ModuleCacheTests
{
    private readonly CountingEngine _engine = new();

    [Fact]
    public async Task However_many_lease_a_module_it_is_compiled_once()
    {
        var cache = new ModuleCache(_engine, maxIdleBytes: 0);

        var leases = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => cache.LeaseAsync("a", new byte[] { 1 }))));

        _engine.Compiled.ShouldBe(1);
        leases.Select(lease => lease.Module).Distinct().Count().ShouldBe(1);
        cache.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_module_is_unloaded_with_its_last_lease()
    {
        var cache = new ModuleCache(_engine, maxIdleBytes: 0);
        var first = await cache.LeaseAsync("a", new byte[] { 1 });
        var second = await cache.TryLeaseAsync("a");
        var third = second!.Share();
        var module = (CountingEngine.Compilation)first.Module;

        first.Dispose();
        first.Dispose();
        second.Dispose();
        module.IsDisposed.ShouldBeFalse();
        third.Dispose();

        module.IsDisposed.ShouldBeTrue();
        cache.Count.ShouldBe(0);
        (await cache.TryLeaseAsync("a")).ShouldBeNull();
        Should.Throw<ObjectDisposedException>(() => third.Share());
    }

    [Fact]
    public async Task A_module_that_does_not_compile_fails_all_who_asked_and_is_forgotten()
    {
        var cache = new ModuleCache(_engine, maxIdleBytes: 0);

        var attempts = Enumerable.Range(0, 10).Select(_ => cache.LeaseAsync("bad", new byte[] { 0 })).ToArray();
        foreach (var attempt in attempts)
        {
            (await Should.ThrowAsync<SandboxException>(attempt)).Code.ShouldBe(ErrorCodes.InvalidModule);
        }

        cache.Count.ShouldBe(0);
        (await cache.LeaseAsync("bad", new byte[] { 1 })).Module.ShouldNotBeNull();
    }

    [Fact]
    public async Task Modules_without_a_lease_stay_while_they_fit_and_the_least_recently_used_goes_first()
    {
        using var cache = new ModuleCache(_engine, maxIdleBytes: 10);
        var modules = new Dictionary<string, CountingEngine.Compilation>();
        foreach (var name in new[] { "a", "b", "c" })
        {
            using var lease = await cache.LeaseAsync(name, new byte[] { 1, 2, 3, 4 }.AsMemory());
            modules.Add(name, (CountingEngine.Compilation)lease.Module);
            if (name == "b")
            {
                (await cache.TryLeaseAsync("a"))!.Dispose();
            }
        }

        // b was still leased when a was used again, so a is the older of the two.
        modules.Where(module => module.Value.IsDisposed).Select(module => module.Key).ShouldBe(["a"]);
        (cache.Count, cache.IdleBytes).ShouldBe((2, 8));
        (await cache.TryLeaseAsync("a")).ShouldBeNull();

        using (await cache.TryLeaseAsync("b"))
        {
            cache.IdleBytes.ShouldBe(4);
        }

        using (await cache.LeaseAsync("d", new byte[] { 1, 2, 3, 4 }.AsMemory()))
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
        using var cache = new ModuleCache(_engine, maxIdleBytes: 10);
        (await cache.LeaseAsync("large", new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 }.AsMemory())).Dispose();

        (cache.Count, cache.IdleBytes).ShouldBe((0, 0));
    }

    /// <summary>Compiles everything but bytes that begin with 0, and counts.</summary>
    private sealed class CountingEngine : IWasmEngine
    {
        private int _compiled;

        public string Name => "counting";

        public string Version => "1";

        public int Compiled => _compiled;

        public ICompiledModule Compile(ReadOnlySpan<byte> wasm, bool metered = false)
        {
            Interlocked.Increment(ref _compiled);
            return wasm[0] == 0 ? throw new SandboxException(ErrorCodes.InvalidModule, "It begins with 0.") : new Compilation();
        }

        internal sealed class Compilation : ICompiledModule
        {
            public bool IsDisposed { get; private set; }

            public ImmutableArray<ModuleImport> Imports => [];

            public ImmutableArray<ModuleExport> Exports => [];

            public IGuestInstance Instantiate(in InstanceLimits limits, HostFunctionSet? imports, object? state) => throw new InvalidOperationException("Nothing here is called.");

            public void Dispose()
            {
                IsDisposed.ShouldBeFalse();
                IsDisposed = true;
            }
        }
    }
}
