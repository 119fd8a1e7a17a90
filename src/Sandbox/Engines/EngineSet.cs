using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Engines.Wasmtime;

namespace HeliosEdge.Sandbox.Engines;

/// <summary>The engines that guests may run on: the default one, and those that the operator allows functions to choose beside it.</summary>
public sealed class EngineSet : IDisposable
{
    /// <summary>Makes the set.</summary>
    /// <param name="standard">The engine of functions that choose none.</param>
    /// <param name="allowed">The others; none of them has the name of another one.</param>
    public EngineSet(IWasmEngine standard, params ReadOnlySpan<IWasmEngine> allowed)
    {
        Default = standard;
        All = [standard, .. allowed];
    }

    /// <summary>The names of the engines that there are, whether a silo allows them or not.</summary>
    public static ImmutableArray<string> Known { get; } = [WasmtimeEngine.EngineName, ManagedEngine.EngineName];

    /// <summary>The engine of functions that choose none.</summary>
    public IWasmEngine Default { get; }

    /// <summary>All of them, the default one first.</summary>
    public ImmutableArray<IWasmEngine> All { get; }

    /// <summary>What modules take that were disposed and are not unloaded yet, of all engines together.</summary>
    public ModuleFootprint Lingering
    {
        get
        {
            var sum = default(ModuleFootprint);
            foreach (var engine in All)
            {
                sum += engine.Lingering;
            }

            return sum;
        }
    }

    /// <summary>Refuses the name of an engine that there is not, whether allowed or not.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>.</exception>
    public static void RequireKnown(string name)
    {
        if (!Known.Contains(name))
        {
            throw Unknown(name);
        }
    }

    /// <summary>Finds the engine that a function names, or the default one where it names none.</summary>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.InvalidParameter"/>: there is no such engine; <see cref="ErrorCodes.Forbidden"/>: the operator does not allow it.
    /// </exception>
    public IWasmEngine Require(string? name) => TryFind(name, out var engine, out var refusal) ? engine : throw refusal;

    /// <summary>As <see cref="Require"/>, without throwing.</summary>
    public bool TryFind(string? name, [NotNullWhen(true)] out IWasmEngine? engine, [NotNullWhen(false)] out SandboxException? refusal)
    {
        engine = name is null ? Default : All.FirstOrDefault(one => one.Name == name);
        refusal = engine is not null ? null
            : !Known.Contains(name!) ? Unknown(name!)
            : new SandboxException(
                ErrorCodes.Forbidden,
                $"The engine {name} is not allowed here: functions run on {string.Join(" or ", All.Select(one => one.Name))}, and only the operator can allow another one.");
        return engine is not null;
    }

    /// <summary>Has modules unloaded that were disposed.</summary>
    /// <param name="now">As of <see cref="IWasmEngine.Reclaim"/>.</param>
    public void Reclaim(bool now)
    {
        foreach (var engine in All)
        {
            engine.Reclaim(now);
        }
    }

    /// <summary>Forgets code that is kept on disk of modules that are gone.</summary>
    /// <param name="modules">As of <see cref="IWasmEngine.KeepCode"/>.</param>
    /// <param name="before">As of <see cref="IWasmEngine.KeepCode"/>.</param>
    public void KeepCode(IReadOnlyCollection<string> modules, DateTimeOffset before)
    {
        foreach (var engine in All)
        {
            engine.KeepCode(modules, before);
        }
    }

    /// <summary>Disposes the engines that can be.</summary>
    public void Dispose()
    {
        foreach (var engine in All)
        {
            (engine as IDisposable)?.Dispose();
        }
    }

    private static SandboxException Unknown(string name) =>
        new(ErrorCodes.InvalidParameter, $"engine \"{Excerpt.Of(name)}\" is not known; engines are {string.Join(", ", Known)}.");
}
