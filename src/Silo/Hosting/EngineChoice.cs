using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Compilation.Workers;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Engines.Wasmtime;
using HeliosEdge.Settings;
using HeliosEdge.Wasm;

namespace HeliosEdge.Silo.Hosting;

/// <summary>The engine that guests run on, and how it was chosen in one sentence.</summary>
internal sealed record EngineChoice(IPrecompilingEngine Engine, string Explanation)
{
    /// <exception cref="SiloStartException">libwasmtime is to run guests and cannot be loaded, or its compiler is not there.</exception>
    public static EngineChoice Make(EngineKind kind, ModuleLimits limits, CompileLimits compiling)
    {
        if (kind == EngineKind.Managed)
        {
            return new EngineChoice(new ManagedEngine(limits), "Guests run on the managed engine.");
        }

        if (WasmtimeEngine.TryCreate(limits, out var wasmtime, out var reason))
        {
            return OutOfProcessEngine.TryCreate(wasmtime, compiling, limits.MaxModuleBytes, out var isolated, out var missing)
                ? new EngineChoice(isolated, $"Guests run on libwasmtime {wasmtime.Version} ({wasmtime.Location}).")
                : throw new SiloStartException($"libwasmtime cannot be used: {missing}. The silo is not complete; install it again.");
        }

        throw new SiloStartException(
            $"Guests run on libwasmtime, which cannot be loaded: {reason}. {WasmtimeEngine.LibraryVariable} can name the library; --engine managed needs none.");
    }
}
