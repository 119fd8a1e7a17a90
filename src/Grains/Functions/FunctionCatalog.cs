using System.Collections.Concurrent;
using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.Functions;

/// <summary>
/// All registrations in memory, so that an invocation finds its function without touching the store.
/// A look-up sees a registration as it was before or after a change, never half of it.
/// </summary>
public sealed class FunctionCatalog
{
    private readonly ConcurrentDictionary<string, FunctionDescription> _functions = new(StringComparer.Ordinal);

    /// <summary>Tells whether a function is registered.</summary>
    public bool Contains(string name) => _functions.ContainsKey(name);

    /// <summary>Finds a function.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.FunctionNotFound"/>.</exception>
    public FunctionDescription Find(string name) => _functions.TryGetValue(name, out var function)
        ? function
        : throw new SandboxException(ErrorCodes.FunctionNotFound, $"No function \"{Names.Shorten(name)}\" is registered.");

    /// <summary>Finds a function in a region.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.FunctionNotFound"/>.</exception>
    public FunctionDescription Find(string region, string name)
    {
        var function = Find(name);
        return function.Regions.Contains(region)
            ? function
            : throw new SandboxException(
                ErrorCodes.FunctionNotFound,
                $"The function \"{name}\" is not registered in {region}, only in {string.Join(", ", function.Regions)}.");
    }

    /// <summary>All functions, sorted by name.</summary>
    public ImmutableArray<FunctionDescription> List() => Sort(_functions.Values);

    /// <summary>The functions of a region, sorted by name.</summary>
    public ImmutableArray<FunctionDescription> List(string region) => Sort(_functions.Values.Where(function => function.Regions.Contains(region)));

    /// <summary>How many functions a region has.</summary>
    public int Count(string region) => _functions.Count(entry => entry.Value.Regions.Contains(region));

    /// <summary>Takes up a registration.</summary>
    /// <returns>The one that it replaces, or null.</returns>
    internal FunctionDescription? Set(FunctionDescription function)
    {
        _functions.TryGetValue(function.Name, out var previous);
        _functions[function.Name] = function;
        return previous;
    }

    internal void Remove(string name) => _functions.TryRemove(name, out _);

    private static ImmutableArray<FunctionDescription> Sort(IEnumerable<FunctionDescription> functions) =>
        [.. functions.OrderBy(function => function.Name, StringComparer.Ordinal)];
}
