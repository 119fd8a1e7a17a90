using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace HeliosEdge.Sandbox.Engines;

/// <summary>
/// The host functions that a kind of guest may import. Immutable and meant to live long: an engine prepares a set once, at its
/// first use, and every later instantiation with the same object is cheap.
/// </summary>
public sealed class HostFunctionSet
{
    private readonly Dictionary<(string Module, string Name), HostFunction> _functions = [];

    /// <summary>Makes a set.</summary>
    /// <exception cref="ArgumentException">Two functions have the same two names.</exception>
    public HostFunctionSet(IEnumerable<HostFunction> functions)
    {
        Functions = [.. functions];
        foreach (var function in Functions)
        {
            if (!_functions.TryAdd((function.Module, function.Name), function))
            {
                throw new ArgumentException($"{function.Module}.{function.Name} is in the set twice.", nameof(functions));
            }
        }
    }

    /// <summary>All of them.</summary>
    public ImmutableArray<HostFunction> Functions { get; }

    /// <summary>Finds one by its two names.</summary>
    public bool TryFind(string module, string name, [NotNullWhen(true)] out HostFunction? function) =>
        _functions.TryGetValue((module, name), out function);
}
