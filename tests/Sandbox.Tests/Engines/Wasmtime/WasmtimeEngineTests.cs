using System.Runtime.CompilerServices;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Wasmtime;

namespace HeliosEdge.Sandbox.Tests.Engines.Wasmtime;

public sealed class WasmtimeEngineTests
{
    [WasmtimeFact]
    public void The_engine_says_who_it_is()
    {
        IWasmEngine engine = Libwasmtime.Engine;

        engine.Name.ShouldBe("wasmtime");
        Version.TryParse(engine.Version, out var version).ShouldBeTrue();
        version!.Major.ShouldBe(WasmtimeLibrary.Packaged.Major);
    }

    [WasmtimeFact]
    public void An_engine_that_nobody_has_any_more_goes_with_its_pool()
    {
        var pools = Enumerable.Range(0, 3).Select(_ => UseOnce()).ToArray();

        // The thread of its clock falls asleep first.
        Eventually.HoldsAsync("the engines are gone", () =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return pools.All(pool => !pool.IsAlive);
        }).GetAwaiter().GetResult();
    }

    [Theory]
    [InlineData("50", true)]
    [InlineData("50.0.1", true)]
    [InlineData("49.0.0", false)]
    [InlineData("51", false)]
    [InlineData("", false)]
    [InlineData("fifty", false)]
    public void Only_releases_that_are_known_to_fit_are_supported(string version, bool expected) =>
        WasmtimeLibrary.IsSupported(version).ShouldBe(expected);

    [Fact]
    public void No_bytes_that_are_no_artifact_tell_a_version()
    {
        var random = new System.Random(7);
        for (var i = 0; i < 2_000; i++)
        {
            var bytes = new byte[random.Next(0, 300)];
            random.NextBytes(bytes);
            "\u007fELF"u8[..Math.Min(4, bytes.Length)].CopyTo(bytes);
            WasmtimeVersion.Of(bytes).ShouldBeNull();
        }
    }

    // Not inlined: what it had would stay on the stack of the test.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseOnce()
    {
        WasmtimeEngine.TryCreate(limits: null, out var engine, out var reason).ShouldBeTrue(reason);
        using var module = engine!.Compile(SmallModules.Returning(7));
        using var instance = module.Instantiate(new InstanceLimits(8 << 20, 1_000, TimeSpan.FromSeconds(30)));
        instance.Call("run").ShouldBe(7);
        return new WeakReference(engine.VariantOf(metered: false, InstanceLimits.DefaultStackBytes).Engines[0]);
    }
}
