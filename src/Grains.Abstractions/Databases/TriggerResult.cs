using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Databases;

/// <summary>What came of an order for triggers.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.TriggerResult")]
public sealed record TriggerResult
{
    /// <summary>The triggers that it was about, as they are now; all of them for a list, none for one that was removed.</summary>
    [Id(0)]
    public ImmutableArray<TriggerDescription> Triggers { get; init; } = [];

    /// <summary>Whether the trigger is new.</summary>
    [Id(1)]
    public bool IsNew { get; init; }

    /// <summary>Why nothing was done; null where it was.</summary>
    [Id(2)]
    public DatabaseFault? Fault { get; init; }
}
