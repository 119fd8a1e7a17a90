using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>
/// The library's engines of one configuration: whether fuel is counted and how much stack guests have are settings of an engine there.
/// The first allocates instances from a pool where there are address space and mappings for one, the last maps memory for each instance.
/// </summary>
internal sealed unsafe class WasmtimeVariant // SAFETY: configurations and pools are made, used and given to the library within one method.
{
    /// <summary>Instances that the pool of the usual configuration has places for.</summary>
    public const int PooledInstances = 1_000;

    /// <summary>Instances that the pools of other configurations have places for.</summary>
    public const int PooledInstancesOfOthers = 100;

    private const int Tables = 1_000_000;
    private const int TablesInModule = 4;

    /// <summary>
    /// What is cleared of a memory after a call instead of being given back. Clearing two pages, which small guests of C have, takes a
    /// microsecond; giving pages back and faulting them in again takes several.
    /// </summary>
    private const int ResidentMemoryBytes = 128 << 10;
    private const int ResidentTableBytes = 16 << 10;
    private const long LeastIdleBytes = 16 << 20;
    private const long MostIdleBytes = 128 << 20;

    // A slot of the pool is the whole address space of a 32-bit memory and a guard of 32 MiB.
    private const long SlotBytes = (4L << 30) + (32 << 20);

    // A slot of the pool of memories and one of that of garbage-collected heaps, each with its guard.
    private const int SlotMappings = 4;

    private readonly WasmtimeApi _api;

    public WasmtimeVariant(WasmtimeApi api, bool metered, int stackBytes, int pooledInstances)
    {
        _api = api;
        var onDemand = NewEngine(api, metered, stackBytes, pooledInstances: 0);
        Engines = HasRoomForPool(pooledInstances) ? [NewEngine(api, metered, stackBytes, pooledInstances), onDemand] : [onDemand];
        IsMetered = metered;
        StackBytes = stackBytes;
    }

    public bool IsMetered { get; }

    public int StackBytes { get; }

    public EngineHandle[] Engines { get; }

    /// <summary>Makes a module of WebAssembly, or of what was serialized.</summary>
    /// <param name="code">The bytes.</param>
    /// <param name="make">The library's function that makes it.</param>
    /// <param name="isPooled">Whether its instances may come from the pool.</param>
    /// <param name="error">Why there is none.</param>
    /// <returns>The engine that it is for, and the module or null.</returns>
    public (EngineHandle Engine, ModuleHandle? Module) Make(
        ReadOnlySpan<byte> code, delegate* unmanaged<nint, byte*, nuint, nint*, nint> make, bool isPooled, out string error)
    {
        // What does not fit a slot of the pool still runs, on memory that is mapped for each instance.
        error = string.Empty;
        foreach (var engine in isPooled ? Engines : Engines.AsSpan(Engines.Length - 1))
        {
            nint module;
            fixed (byte* bytes = code)
            {
                var failure = make(engine.Native, bytes, (nuint)code.Length, &module);
                if (failure == 0)
                {
                    return (engine, new ModuleHandle(_api, module));
                }

                error = _api.TakeError(failure);
            }
        }

        return (Engines[^1], null);
    }

    /// <summary>Makes one engine, without a pool where that is to have 0 instances, and with threads of its own for compiling where that is to be parallel.</summary>
    public static EngineHandle NewEngine(WasmtimeApi api, bool metered, int stackBytes, int pooledInstances, bool parallel = true)
    {
        var config = api.ConfigNew();
        api.ConfigEpochInterruption(config, 1);
        api.ConfigConsumeFuel(config, metered ? (byte)1 : (byte)0);

        // Nothing runs on such a stack here, but the library ends the process if it is not the larger one.
        api.ConfigAsyncStackSize(config, (nuint)(2L * stackBytes));
        api.ConfigMaxWasmStack(config, (nuint)stackBytes);
        api.ConfigMemoryInitCow(config, 1);

        // Only components could use it, and every store would carry it.
        api.ConfigConcurrencySupport(config, 0);
        SetFeatures(api, config);
        api.ConfigParallelCompilation(config, parallel ? (byte)1 : (byte)0);
        if (pooledInstances > 0)
        {
            var pool = api.PoolNew();
            api.PoolTotalInstances(pool, (uint)pooledInstances);
            api.PoolTotalMemories(pool, (uint)pooledInstances);
            api.PoolTotalTables(pool, (uint)pooledInstances);
            api.PoolTotalGcHeaps(pool, (uint)pooledInstances);
            api.PoolMaxTables(pool, TablesInModule);
            api.PoolTableElements(pool, Tables);
            api.PoolWarmSlots(pool, (uint)Math.Min(pooledInstances, IdleBytes() / ResidentMemoryBytes));
            api.PoolMemoryKeepResident(pool, ResidentMemoryBytes);
            api.PoolTableKeepResident(pool, ResidentTableBytes);
            api.ConfigPool(config, pool);
            api.PoolDelete(pool);
        }

        return new EngineHandle(api, api.EngineNewWithConfig(config));
    }

    /// <summary>
    /// What memories that wait for the next instance of their module may come to. A module that finds none of its own takes another's,
    /// which is mapped anew and faulted in again.
    /// </summary>
    private static long IdleBytes() => Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 32, LeastIdleBytes, MostIdleBytes);

    /// <summary>All of WebAssembly 3.0, whatever the library's own defaults are, and nothing beyond it.</summary>
    private static void SetFeatures(WasmtimeApi api, nint config)
    {
        api.ConfigTailCall(config, 1);
        api.ConfigFunctionReferences(config, 1);
        api.ConfigGc(config, 1);
        api.ConfigExceptions(config, 1);
        api.ConfigMemory64(config, 1);
        api.ConfigMultiMemory(config, 1);
        api.ConfigRelaxedSimd(config, 1);
        api.ConfigThreads(config, 0);
        api.ConfigWideArithmetic(config, 0);
        api.ConfigCustomPageSizes(config, 0);
    }

    private static bool HasRoomForPool(int instances)
    {
        // A process that is out of mappings ends, whatever it wanted one for. Half of them is left to modules, threads and the runtime.
        if (ProcessLimits.CountMappings() + ((long)SlotMappings * instances) > ProcessLimits.Read().Mappings / 2)
        {
            return false;
        }

        // The library ends the process where it cannot reserve its pool, so it is tried here first: twice of it, as the
        // pool of garbage-collected heaps is as large as that of memories.
        var wanted = (nuint)(2 * instances * SlotBytes);
        try
        {
            AddressSpace.Release(AddressSpace.Reserve(wanted), wanted);
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }
}
