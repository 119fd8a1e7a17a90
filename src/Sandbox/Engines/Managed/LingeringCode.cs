using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Engines.Managed;

/// <summary>
/// The code of modules that were disposed, until the runtime has unloaded it. It does that with a collection of the oldest generation, and
/// knows nothing of the mappings that wait for one: a silo that makes little garbage would not collect before the system has none left.
/// </summary>
internal static class LingeringCode
{
    /// <summary>Code is found to be unused by one collection and gone after the finalizers that follow; what was just in use takes one more.</summary>
    private const int Collections = 3;

    private static readonly Lock Gate = new();
    private static readonly List<(WeakReference Code, ModuleFootprint Footprint)> Disposed = [];

    /// <summary>What it takes.</summary>
    public static ModuleFootprint Footprint
    {
        get
        {
            lock (Gate)
            {
                Disposed.RemoveAll(static module => !module.Code.IsAlive);
                var sum = default(ModuleFootprint);
                foreach (var (_, footprint) in Disposed)
                {
                    sum += footprint;
                }

                return sum;
            }
        }
    }

    /// <summary>Counts a module's code from now on until it is unloaded.</summary>
    public static void Add(Module module, ModuleFootprint footprint)
    {
        lock (Gate)
        {
            Disposed.Add((module.WatchCode(), footprint));
        }
    }

    /// <summary>Collects what is unused: as others work on, or at once.</summary>
    public static void Collect(bool now)
    {
        if (!now)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
            return;
        }

        for (var i = 0; i < Collections && Footprint != default; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
