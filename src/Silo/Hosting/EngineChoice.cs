using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Engines.Wasmtime;
using HeliosEdge.Wasm;

namespace HeliosEdge.Silo.Hosting;

/// <summary>The engine that guests run on, and how it was chosen in one sentence.</summary>
internal sealed record EngineChoice(IPrecompilingEngine Engine, string Explanation)
{
    /// <exception cref="SiloStartException">libwasmtime is to run guests and cannot be loaded.</exception>
    public static EngineChoice Make(EngineKind kind, ModuleLimits limits)
    {
        if (kind == EngineKind.Managed)
        {
            return new EngineChoice(new ManagedEngine(limits), "Guests run on the managed engine.");
        }

        if (WasmtimeEngine.TryCreate(limits, out var wasmtime, out var reason))
        {
            return new EngineChoice(wasmtime, $"Guests run on libwasmtime {wasmtime.Version} ({wasmtime.Location}).");
        }

        throw new SiloStartException(
            $"Guests run on libwasmtime, which cannot be loaded: {reason}. {WasmtimeEngine.LibraryVariable} can name the library; --engine managed needs none.");
    }
}
