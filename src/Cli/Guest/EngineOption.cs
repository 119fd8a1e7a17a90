using System.CommandLine;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Engines.Wasmtime;

namespace HeliosEdge.Cli.Guest;

/// <summary>Which engine runs a command.</summary>
internal sealed class EngineOption : Option<string>
{
    public const string Auto = "auto";
    public const string Managed = "managed";
    public const string Wasmtime = "wasmtime";

    public EngineOption()
        : base("--engine")
    {
        HelpName = "NAME";
        Description = "What runs a command: managed, wasmtime, or auto for libwasmtime where it is found and supported. With --invoke it is always managed.";
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
