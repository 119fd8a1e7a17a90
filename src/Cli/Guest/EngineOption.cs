using System.CommandLine;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Engines.Wasmtime;

namespace HeliosEdge.Cli.Guest;

/// <summary>Which engine runs a module.</summary>
internal sealed class EngineOption : Option<string>
{
    public EngineOption()
        : base("--engine")
    {
        HelpName = "NAME";
        Description = "What runs the module: wasmtime, or managed, which needs nothing native and knows WebAssembly 2.0.";
        DefaultValueFactory = _ => WasmtimeEngine.EngineName;
        this.AcceptOnlyFromAmong([.. EngineSet.Known]);
    }

    /// <summary>Makes the engine that was asked for.</summary>
    /// <exception cref="FailureException">libwasmtime is to run it and cannot be loaded.</exception>
    public static IWasmEngine Make(string name)
    {
        if (name == ManagedEngine.EngineName)
        {
            return new ManagedEngine();
        }

        return WasmtimeEngine.TryCreate(limits: null, out var engine, out var reason)
            ? engine
            : throw FailureException.Usage(
                $"--engine wasmtime: {reason}; {WasmtimeEngine.LibraryVariable} can name the library, and --engine managed needs none.");
    }
}
