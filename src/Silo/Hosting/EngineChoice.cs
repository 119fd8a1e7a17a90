using System.Collections.Immutable;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Compilation.Workers;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Engines.Wasmtime;
using HeliosEdge.Settings;
using HeliosEdge.Wasm;

namespace HeliosEdge.Silo.Hosting;

/// <summary>The engines that guests may run on, and how they were chosen in one line.</summary>
/// <param name="Engines">The default one first.</param>
/// <param name="Explanation">For the log.</param>
internal sealed record EngineChoice(ImmutableArray<IPrecompilingEngine> Engines, string Explanation)
{
    /// <exception cref="SiloStartException">libwasmtime is to run guests and cannot be loaded, or its compiler is not there.</exception>
    public static EngineChoice Make(SiloOptions options)
    {
        var limits = new ModuleLimits { MaxModuleBytes = options.Policy.MaxModuleBytes };
        var (standard, name) = Make(options.Engine, "Guests run on libwasmtime", "--engine managed needs none", limits, options.Compiling);
        var explanation = $"Guests run on {name}.";
        var engines = ImmutableArray.Create(standard);
        foreach (var kind in options.AllowedEngines.Distinct().Where(kind => kind != options.Engine))
        {
            var (allowed, allowedName) = Make(
                kind, $"--{Setting.AllowEngine.Name} lets functions choose libwasmtime", "a silo without this setting needs none", limits, options.Compiling);
            engines = engines.Add(allowed);
            explanation += $" Functions may choose {allowedName}.";
        }

        return new EngineChoice(engines, explanation);
    }

    private static (IPrecompilingEngine Engine, string Name) Make(EngineKind kind, string what, string otherwise, ModuleLimits limits, CompileLimits compiling)
    {
        if (kind == EngineKind.Managed)
        {
            return (new ManagedEngine(limits), "the managed engine");
        }

        if (WasmtimeEngine.TryCreate(limits, out var wasmtime, out var reason))
        {
            return OutOfProcessEngine.TryCreate(wasmtime, compiling, limits.MaxModuleBytes, out var isolated, out var missing)
                ? (isolated, $"libwasmtime {wasmtime.Version} ({wasmtime.Location})")
                : throw new SiloStartException($"libwasmtime cannot be used: {missing}. The silo is not complete; install it again.");
        }

        throw new SiloStartException($"{what}, which cannot be loaded: {reason}. {WasmtimeEngine.LibraryVariable} can name the library; {otherwise}.");
    }
}
