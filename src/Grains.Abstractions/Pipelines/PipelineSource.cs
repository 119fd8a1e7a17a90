using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Pipelines;

/// <summary>What a pipeline gets the changes of.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.PipelineSource")]
public sealed record PipelineSource
{
    /// <summary>The database.</summary>
    [Id(0)]
    public required string Database { get; init; }

    /// <summary>The tables.</summary>
    [Id(1)]
    public required ImmutableArray<string> Tables { get; init; }

    /// <summary><c>initial</c>: the rows that are there come first; <c>never</c>: they do not.</summary>
    [Id(2)]
    public required string Snapshot { get; init; }
}
