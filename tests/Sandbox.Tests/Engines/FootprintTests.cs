using System.Runtime.CompilerServices;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Engines.Wasmtime;

namespace HeliosEdge.Sandbox.Tests.Engines;

/// <summary>What modules say that they take is what the system counts, and all of it is given back.</summary>
[Collection(ProcessMeasurements.Name)]
[Trait("Category", "Slow")]
public sealed class FootprintTests
{
    private const int Modules = 200;

    public static TheoryData<int, bool> Shapes => new() { { 1, false }, { 1, true }, { 200, false }, { 1_000, true } };

    [ProcTheory]
    [MemberData(nameof(Shapes))]
    public void The_managed_engine(int functions, bool hasData) => Check(new ManagedEngine(), functions, hasData);

    [ProcTheory]
    [MemberData(nameof(Shapes))]
    public void Libwasmtime(int functions, bool hasData)
    {
        if (Wasmtime.Libwasmtime.IsFound)
        {
            TouchPool();
            Check(Wasmtime.Libwasmtime.Engine, functions, hasData);
        }
    }

    /// <summary>Places of the library's pool take mappings from their first use on, whoever uses them; they are the engine's.</summary>
    private static void TouchPool()
    {
        using var module = Wasmtime.Libwasmtime.Engine.Compile(SmallModules.Returning(0, functions: 1, hasData: true));
        var instances = Enumerable.Range(0, WasmtimeVariant.PooledInstances)
            .Select(_ => module.Instantiate(new InstanceLimits(1 << 20, 1_000, TimeSpan.FromMinutes(1))))
            .ToList();
        instances.ForEach(instance => instance.Dispose());
    }

    private static void Check(IWasmEngine engine, int functions, bool hasData)
    {
        // As many as are counted later: what the process grows by for that number, and keeps for the next ones, is not the modules'.
        UseAndDispose(engine, functions, hasData);
        Reclaim(engine);
        var before = Measure();

        var loaded = Use(engine, Modules, functions, hasData, out var stated);
        var during = Measure() - before;
        loaded.ForEach(module => module.Dispose());
        loaded.Clear();
        Reclaim(engine);
        var after = Measure() - before;

        // The runtime maps and opens things of its own meanwhile, so that a tenth is left for those.
        during.Mappings.ShouldBeInRange(stated.Mappings / 4, stated.Mappings + (stated.Mappings / 10));
        during.Descriptors.ShouldBeInRange(stated.Descriptors - 20, stated.Descriptors + 20);
        after.Mappings.ShouldBeLessThan(stated.Mappings / 10);
        after.Descriptors.ShouldBeLessThan(20);
        engine.Lingering.ShouldBe(default);
    }

    // A method of its own: what is on this one's stack is not collected.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void UseAndDispose(IWasmEngine engine, int functions, bool hasData) =>
        Use(engine, Modules, functions, hasData, out _).ForEach(module => module.Dispose());

    private static List<ICompiledModule> Use(IWasmEngine engine, int count, int functions, bool hasData, out ModuleFootprint stated)
    {
        var modules = new List<ICompiledModule>();
        stated = default;
        for (var i = 0; i < count; i++)
        {
            var module = engine.Compile(SmallModules.Returning(i, functions, hasData));
            using (var instance = module.Instantiate(new InstanceLimits(1 << 20, 1_000, TimeSpan.FromMinutes(1))))
            {
                instance.Call("run").ShouldBe(i);
            }

            stated += module.Footprint;
            modules.Add(module);
        }

        return modules;
    }

    private static void Reclaim(IWasmEngine engine)
    {
        IdleInstances.Clear();
        for (var i = 0; i < 10 && engine.Lingering != default; i++)
        {
            engine.Reclaim(now: true);
        }
    }

    private static ModuleFootprint Measure() => new(File.ReadLines("/proc/self/maps").Count(), Directory.EnumerateFiles("/proc/self/fd").Count(), 0);

    private sealed class ProcTheoryAttribute : TheoryAttribute
    {
        public ProcTheoryAttribute() => Skip = OperatingSystem.IsLinux() ? null : "Only Linux tells what a process has mapped and open.";
    }
}
