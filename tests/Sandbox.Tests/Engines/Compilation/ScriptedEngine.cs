using System.Collections.Concurrent;
using System.Collections.Immutable;
using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Sandbox.Tests.Engines.Compilation;

/// <summary>Compiles what tests say it does: a module is the number of a script, which is given the turn.</summary>
internal sealed class ScriptedEngine : IWasmEngine
{
    private readonly ConcurrentDictionary<byte, Action<CompileTurn>> _scripts = new();

    public string Name => "scripted";

    public string Version => "1";

    /// <summary>The modules in the order in which they were begun.</summary>
    public ConcurrentQueue<byte> Begun { get; } = new();

    /// <summary>A module that does this while it is compiled.</summary>
    public ReadOnlyMemory<byte> Module(byte number, Action<CompileTurn> script)
    {
        _scripts[number] = script;
        return new[] { number };
    }

    /// <summary>A module that is compiled until it is told to end, and makes way when it is to.</summary>
    public ReadOnlyMemory<byte> Endless(byte number, CancellationToken end, Action? begun = null) => Module(number, turn =>
    {
        begun?.Invoke();
        while (!end.IsCancellationRequested)
        {
            turn.Pass();
            Thread.Yield();
        }
    });

    public ICompiledModule Compile(ReadOnlySpan<byte> wasm, bool metered = false, CompileTurn? turn = null)
    {
        Begun.Enqueue(wasm[0]);
        _scripts[wasm[0]](turn!);
        return new Compiled();
    }

    private sealed class Compiled : ICompiledModule
    {
        public ModuleFootprint Footprint => default;

        public ImmutableArray<ModuleImport> Imports => [];

        public ImmutableArray<ModuleExport> Exports => [];

        public long MostMemoryBytes(long maxMemoryBytes) => 0;

        public IGuestInstance Instantiate(in InstanceLimits limits, HostFunctionSet? imports, object? state) => throw new InvalidOperationException("Nothing here is called.");

        public void Dispose()
        {
        }
    }
}
