using System.CommandLine;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Engines.Wasmtime;

namespace HeliosEdge.Cli.Guest;

/// <summary>Which engine runs a module.</summary>
internal sealed class EngineOption : Option<string>
{
    private const string Auto = "auto";
    private const string Managed = "managed";
    private const string Wasmtime = "wasmtime";

    public EngineOption()
        : base("--engine")
    {
        HelpName = "NAME";
        Description = "What runs the module: managed, wasmtime, or auto for libwasmtime where it is found and supported.";
        DefaultValueFactory = _ => Auto;
        this.AcceptOnlyFromAmong(Auto, Managed, Wasmtime);
    }

    /// <summary>Makes the engine that was asked for.</summary>
    /// <exception cref="FailureException">libwasmtime is asked for and not there, or not in a supported version.</exception>
    public static IWasmEngine Make(string name)
    {
        if (name == Managed)
        {
            return new ManagedEngine();
        }

        if (WasmtimeEngine.TryCreate(limits: null, out var engine, out var reason))
        {
            return engine;
        }

        return name == Auto
            ? new ManagedEngine()
            : throw FailureException.Usage($"--engine wasmtime: {reason}; {WasmtimeEngine.LibraryVariable} can name the library.");
    }
}
