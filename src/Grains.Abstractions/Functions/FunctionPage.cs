using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>A page of a listing.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.FunctionPage")]
public sealed record FunctionPage
{
    /// <summary>The functions, sorted by name.</summary>
    [Id(0)]
    public required ImmutableArray<FunctionDescription> Functions { get; init; }

    /// <summary>What <see cref="FunctionQuery.After"/> is for the next page; null where this is the last one.</summary>
    [Id(1)]
    public string? Next { get; init; }
}
