using Orleans;

namespace HeliosEdge.Grains.Abstractions.Databases;

/// <summary>An SQL database of a region.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.DatabaseDescription")]
public sealed record DatabaseDescription
{
    /// <summary>Its name in the region.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>What it is: <c>sqlite</c> or <c>postgresql</c>.</summary>
    [Id(1)]
    public required string Kind { get; init; }
}
