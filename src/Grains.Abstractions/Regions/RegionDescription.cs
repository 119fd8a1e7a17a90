using Orleans;

namespace HeliosEdge.Grains.Abstractions.Regions;

/// <summary>A region that is served, by this silo or another one.</summary>
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

    /// <summary><c>local</c>; for a region of another silo <c>up</c>, <c>down</c>, or <c>unknown</c> before that silo was asked.</summary>
    [Id(2)]
    public string State { get; init; } = "local";

    /// <summary>The address of the silo that serves it; null if it is this one.</summary>
    [Id(3)]
    public string? Address { get; init; }

    /// <summary>Milliseconds that an answer takes which needs no work, the later ones counting more; null if none was measured.</summary>
    [Id(4)]
    public double? LatencyMs { get; init; }

    /// <summary>When the silo that serves it answered last; null for never, or if it is this one.</summary>
    [Id(5)]
    public DateTimeOffset? LastContact { get; init; }

    /// <summary>Why it is down; null if it is not.</summary>
    [Id(6)]
    public string? Problem { get; init; }
}
