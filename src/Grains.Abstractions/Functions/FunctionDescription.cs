using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>A registered function.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.FunctionDescription")]
public sealed record FunctionDescription
{
    /// <summary>Its name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>The hash of its module.</summary>
    [Id(1)]
    public required string Module { get; init; }

    /// <summary>The guest ABI, such as <c>helios-1</c>.</summary>
    [Id(2)]
    public required string Abi { get; init; }

    /// <summary>The export that is called.</summary>
    [Id(3)]
    public required string Entry { get; init; }

    /// <summary>The regions that serve it, sorted; never empty.</summary>
    [Id(4)]
    public required ImmutableArray<string> Regions { get; init; }

    /// <summary>What each invocation may use.</summary>
    [Id(5)]
    public required FunctionLimits Limits { get; init; }

    /// <summary>The preset that its capabilities are based on.</summary>
    [Id(6)]
    public string Profile { get; init; } = "minimal";

    /// <summary>What it may do, the profile's and what was added to it, sorted.</summary>
    [Id(7)]
    public ImmutableArray<string> Capabilities { get; init; } = [];

    /// <summary>Environment variables of the guest.</summary>
    [Id(8)]
    public ImmutableSortedDictionary<string, string> Env { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Arguments of a command, after its own name.</summary>
    [Id(9)]
    public ImmutableArray<string> Args { get; init; } = [];

    /// <summary>What a plug-in asks its host for by name.</summary>
    [Id(10)]
    public ImmutableSortedDictionary<string, string> Config { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The hosts that outbound HTTP may reach, sorted.</summary>
    [Id(11)]
    public ImmutableArray<string> AllowedHosts { get; init; } = [];

    /// <summary>Read-only bundles of files: the folder where the guest sees each, and its hash.</summary>
    [Id(12)]
    public ImmutableSortedDictionary<string, string> Bundles { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>How often an asynchronous invocation of it is tried.</summary>
    [Id(13)]
    public int MaxAttempts
    {
        // Registrations of an earlier release do not state it.
        get => field == 0 ? 5 : field;
        init;
    }

    /// <summary>The number of this version; the first is 1.</summary>
    [Id(14)]
    public int Version { get; init; }

    /// <summary>The weights of the versions that take calls, by number; null where a version is described on its own.</summary>
    [Id(15)]
    public ImmutableSortedDictionary<int, int>? Traffic { get; init; }

    /// <summary>The name of the engine that runs it; null for the default one of whichever silo does.</summary>
    [Id(16)]
    public string? Engine { get; init; }

    /// <summary>What makes it a procedure; null for any other function.</summary>
    [Id(17)]
    public ProcedureTerms? Procedure { get; init; }
}
