using System.Diagnostics;
using HeliosEdge.Wasm;

namespace HeliosEdge.Benchmarks.Engine;

/// <summary>The engine of this repository, in this process.</summary>
internal sealed class HeliosEngine(string name, bool interruptible) : IEngine
{
    /// <summary>Far beyond any kernel, but set: the checks of a call with a deadline are what is measured.</summary>
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(10);

    private readonly CompileOptions _options = new() { Interruptible = interruptible };
    private readonly Dictionary<string, Module> _modules = [];

    public string Name => name;

    public void Load(Kernel kernel) => _modules.Add(kernel.Name, Module.Compile(File.ReadAllBytes(kernel.Path), _options));

    public RunTime Run(Kernel kernel, int n)
    {
        using Store store = OpenStore();
        Function run = GetExport(new Linker().Instantiate(store, _modules[kernel.Name]), "run");
        run.Invoke(WasmValue.FromI32(n));
        long start = Stopwatch.GetTimestamp();
        WasmValue[] results = run.Invoke(WasmValue.FromI32(n));
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        return new RunTime(elapsed.TotalMilliseconds, Describe(results[0]));
    }

    public StartTime StartWarm(StartCase start) => Start(File.ReadAllBytes(start.Path), start.Export, start.N);

    public StartTime StartCold(StartCase start) => ColdProcess.Start(interruptible ? "helios" : "helios-no-epoch", start);

    public void Dispose()
    {
        foreach (Module module in _modules.Values)
        {
            module.Dispose();
        }

        _modules.Clear();
    }

    public StartTime Start(byte[] wasm, string export, int n)
    {
        long begin = Stopwatch.GetTimestamp();
        using Module module = Module.Compile(wasm, _options);
        long compiled = Stopwatch.GetTimestamp();
        using Store store = OpenStore();
        WasmValue[] results = GetExport(new Linker().Instantiate(store, module), export).Invoke(WasmValue.FromI32(n));
        long end = Stopwatch.GetTimestamp();
        return new StartTime(
            Stopwatch.GetElapsedTime(begin, compiled).TotalMilliseconds,
            Stopwatch.GetElapsedTime(compiled, end).TotalMilliseconds,
            Describe(results[0]));
    }

    private Store OpenStore()
    {
        var store = new Store();
        if (interruptible)
        {
            store.SetDeadline(s_deadline);
        }

        return store;
    }

    private static Function GetExport(Instance instance, string export) =>
        instance.GetFunction(export) ?? throw new InvalidDataException($"The module has no function export named '{export}'.");

    private static string Describe(WasmValue value) => value.Kind switch
    {
        ValueKind.I64 => ResultText.FromInteger(value.I64),
        ValueKind.I32 => ResultText.FromNumber(value.I32),
        ValueKind.F32 => ResultText.FromNumber(value.F32),
        ValueKind.F64 => ResultText.FromNumber(value.F64),
        _ => throw new InvalidDataException($"A result of kind {value.Kind} is no checksum."),
    };
}
