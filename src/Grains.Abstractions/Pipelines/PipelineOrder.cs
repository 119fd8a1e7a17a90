using Orleans;

namespace HeliosEdge.Grains.Abstractions.Pipelines;

/// <summary>What is to be done with the pipelines of a database.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.PipelineOrder")]
public sealed record PipelineOrder
{
    /// <summary>The database's name in the region.</summary>
    [Id(0)]
    public required string Database { get; init; }

    /// <summary>What is to be done.</summary>
    [Id(1)]
    public required PipelineAction Action { get; init; }

    /// <summary>The pipeline's name; null for <see cref="PipelineAction.List"/>.</summary>
    [Id(2)]
    public string? Name { get; init; }

    /// <summary>What it is to be, for <see cref="PipelineAction.Put"/>.</summary>
    [Id(3)]
    public PipelineTerms? Terms { get; init; }

    /// <summary><c>snapshot</c> or a position, for <see cref="PipelineAction.Replay"/>.</summary>
    [Id(4)]
    public string? From { get; init; }

    /// <summary>Which dead change is meant; for <see cref="PipelineAction.ListDead"/>, the last one of the page before.</summary>
    [Id(5)]
    public long DeadId { get; init; }

    /// <summary>How many dead changes at most, for <see cref="PipelineAction.ListDead"/>.</summary>
    [Id(6)]
    public int Count { get; init; }
}
