using Orleans;

namespace HeliosEdge.Grains.Abstractions.Regions;

/// <summary>A region that is served.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.RegionDescription")]
public sealed record RegionDescription
{
    /// <summary>Its name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>How many functions are registered in it.</summary>
    [Id(1)]
    public required int Functions { get; init; }
}
