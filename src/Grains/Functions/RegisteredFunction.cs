using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Grains.Functions;

/// <summary>A function with the versions of it that take calls.</summary>
public sealed class RegisteredFunction
{
    /// <summary>Makes it.</summary>
    /// <param name="versions">The versions that take calls, in any order; at least one.</param>
    public RegisteredFunction(IEnumerable<WeightedVersion> versions)
    {
        var sorted = versions.OrderBy(version => version.Function.Version).ToImmutableArray();
        var traffic = sorted.ToImmutableSortedDictionary(version => version.Function.Version, version => version.Weight);
        Versions = [.. sorted.Select(version => version with { Function = version.Function with { Traffic = traffic } })];
        MaxPayloadBytes = Versions.Max(version => version.Function.Limits.MaxPayloadBytes);
    }

    /// <summary>The versions that take calls, sorted by number.</summary>
    public ImmutableArray<WeightedVersion> Versions { get; }

    /// <summary>The newest version that takes calls.</summary>
    public FunctionDescription Current => Versions[^1].Function;

    /// <summary>Bytes of the largest payload that one of the versions takes.</summary>
    public int MaxPayloadBytes { get; }

    /// <summary>The regions of all versions that take calls.</summary>
    public IEnumerable<string> Regions => Versions.SelectMany(version => version.Function.Regions).Distinct(StringComparer.Ordinal);

    /// <summary>The same, where versions that name no engine name the default one.</summary>
    internal RegisteredFunction On(EngineSet engines) => new(Versions.Select(version => version with { Function = version.Function.On(engines) }));

    /// <summary>Tells whether the same versions take the same shares of the calls.</summary>
    internal bool IsSameAs(RegisteredFunction other) =>
        Versions.Length == other.Versions.Length
        && Versions.Zip(other.Versions).All(pair =>
            pair.First.Weight == pair.Second.Weight
            && pair.First.Function.Version == pair.Second.Function.Version
            && pair.First.Function.IsSameAs(pair.Second.Function));

    /// <summary>Tells whether one of the versions takes calls in a region.</summary>
    internal bool TakesCallsIn(string region) => CurrentIn(region) is not null;

    /// <summary>The newest version that takes calls in a region; null if there is none.</summary>
    public FunctionDescription? CurrentIn(string region)
    {
        for (var i = Versions.Length - 1; i >= 0; i--)
        {
            if (Versions[i].Function.Regions.Contains(region))
            {
                return Versions[i].Function;
            }
        }

        return null;
    }
}
