using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.Functions;

/// <summary>
/// All registrations in memory, so that an invocation finds its function without touching the store.
/// A look-up sees a registration as it was before or after a change, never half of it.
/// </summary>
public sealed class FunctionCatalog
{
    private readonly ConcurrentDictionary<string, RegisteredFunction> _functions = new(StringComparer.Ordinal);

    // How many versions that take calls name each module.
    private readonly Dictionary<string, int> _modules = new(StringComparer.Ordinal);
    private long _revision;
    private ImmutableSortedSet<string> _names = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Tells whether a function is registered.</summary>
    public bool Contains(string name) => _functions.ContainsKey(name);

    /// <summary>Tells whether a function takes calls in a region.</summary>
    public bool Contains(string region, string name) => TryFind(name)?.TakesCallsIn(region) == true;

    /// <summary>Finds a function: the newest version that takes calls.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.FunctionNotFound"/>.</exception>
    public FunctionDescription Find(string name) => Require(name).Current;

    /// <summary>Finds a function in a region: the newest version that takes calls there.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.FunctionNotFound"/>.</exception>
    public FunctionDescription Find(string region, string name)
    {
        var function = Require(name);
        return function.CurrentIn(region) ?? throw NotIn(region, function);
    }

    /// <summary>The versions of a function that take calls in a region; at least one.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.FunctionNotFound"/>.</exception>
    public ImmutableArray<WeightedVersion> Versions(string region, string name)
    {
        var function = Require(name);
        var versions = function.Versions.RemoveAll(version => !version.Function.Regions.Contains(region));
        return versions.IsEmpty ? throw NotIn(region, function) : versions;
    }

    /// <summary>Bytes of the largest payload that one of the versions of a function takes, in whatever region.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.FunctionNotFound"/>.</exception>
    public int MaxPayloadBytes(string name) => Require(name).MaxPayloadBytes;

    /// <summary>A page of the functions.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="region">Only those that take calls in this region; null for all.</param>
    /// <param name="where">Only those for which this is true; null for all.</param>
    public FunctionPage List(FunctionQuery query, string? region = null, Predicate<FunctionDescription>? where = null)
    {
        var names = Volatile.Read(ref _names);
        var startsAfter = query.After is not null && string.CompareOrdinal(query.After, query.Prefix) >= 0;
        var at = names.IndexOf(startsAfter ? query.After! : query.Prefix);
        at = at < 0 ? ~at : startsAfter ? at + 1 : at;

        var page = ImmutableArray.CreateBuilder<FunctionDescription>();
        for (; at < names.Count && names[at].StartsWith(query.Prefix, StringComparison.Ordinal); at++)
        {
            // Gone since, or not of this region.
            if (!_functions.TryGetValue(names[at], out var function)
                || (region is null ? function.Current : function.CurrentIn(region)) is not { } shown
                || where?.Invoke(shown) == false)
            {
                continue;
            }

            if (page.Count == query.Limit)
            {
                return new FunctionPage { Functions = page.ToImmutable(), Next = page[^1].Name };
            }

            page.Add(shown);
        }

        return new FunctionPage { Functions = page.ToImmutable() };
    }

    /// <summary>How many functions a region has.</summary>
    public int Count(string region) => _functions.Count(entry => entry.Value.CurrentIn(region) is not null);

    /// <summary>The regions of all functions, some of them several times.</summary>
    public IEnumerable<string> Regions() => _functions.SelectMany(entry => entry.Value.Regions);

    /// <summary>Another number after each change.</summary>
    internal long Revision => Interlocked.Read(ref _revision);

    /// <summary>The procedures that take calls in a region, sorted by name.</summary>
    internal IEnumerable<FunctionDescription> Procedures(string region) => Names
        .Select(name => TryFind(name)?.CurrentIn(region))
        .OfType<FunctionDescription>()
        .Where(function => function.Procedure is not null);

    /// <summary>The names of all functions at this moment.</summary>
    internal IReadOnlyCollection<string> Names => Volatile.Read(ref _names);

    /// <summary>A registration; null if there is none with this name.</summary>
    internal RegisteredFunction? TryFind(string name) => _functions.GetValueOrDefault(name);

    /// <summary>Takes up a registration.</summary>
    internal void Set(RegisteredFunction function)
    {
        var before = TryFind(function.Current.Name);
        _functions[function.Current.Name] = function;
        ImmutableInterlocked.Update(ref _names, (names, name) => names.Add(name), function.Current.Name);
        Interlocked.Increment(ref _revision);
        Count(function, 1);
        Count(before, -1);
    }

    internal void Remove(string name)
    {
        _functions.TryRemove(name, out var before);
        ImmutableInterlocked.Update(ref _names, (names, gone) => names.Remove(gone), name);
        Interlocked.Increment(ref _revision);
        Count(before, -1);
    }

    /// <summary>Tells whether a function takes calls with this module.</summary>
    internal bool Uses(string module)
    {
        lock (_modules)
        {
            return _modules.ContainsKey(module);
        }
    }

    private void Count(RegisteredFunction? function, int change)
    {
        foreach (var version in function?.Versions ?? [])
        {
            // Changes of one function come one after the other, but not those of different ones that share a module.
            lock (_modules)
            {
                ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_modules, version.Function.Module, out _);
                count += change;
                if (count == 0)
                {
                    _modules.Remove(version.Function.Module);
                }
            }
        }
    }

    /// <summary>What is said of a function that takes no calls in a region.</summary>
    internal SandboxException NotFound(string region, string name) => TryFind(name) is { } function ? NotIn(region, function) : NotRegistered(name);

    private static SandboxException NotRegistered(string name) =>
        new(ErrorCodes.FunctionNotFound, $"No function \"{Grains.Names.Shorten(name)}\" is registered.");

    private static SandboxException NotIn(string region, RegisteredFunction function) => new(
        ErrorCodes.FunctionNotFound,
        $"The function \"{function.Current.Name}\" is not registered in {region}, only in {string.Join(", ", function.Regions)}.");

    private RegisteredFunction Require(string name) => TryFind(name) ?? throw NotRegistered(name);
}
