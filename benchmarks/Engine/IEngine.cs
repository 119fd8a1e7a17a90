namespace HeliosEdge.Benchmarks.Engine;

/// <summary>One WebAssembly engine under measurement.</summary>
internal interface IEngine : IDisposable
{
    /// <summary>The heading of its column.</summary>
    string Name { get; }

    /// <summary>Compiles a kernel once, for all later rounds.</summary>
    void Load(Kernel kernel);

    /// <summary>On a fresh instance of a loaded kernel: one call to warm up, one call that is timed.</summary>
    RunTime Run(Kernel kernel, int n);

    /// <summary>Compiles a module from its file, instantiates it and calls an export once, in a process that has done so before.</summary>
    StartTime StartWarm(StartCase start);

    /// <summary>The same in a process made for this one start.</summary>
    StartTime StartCold(StartCase start);
}
