using Orleans;

namespace HeliosEdge.Grains.Abstractions.Pipelines;

/// <summary>What a pipeline is.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.PipelineTerms")]
public sealed record PipelineTerms
{
    /// <summary>What it gets the changes of.</summary>
    [Id(0)]
    public required PipelineSource Source { get; init; }

    /// <summary>The function that gets them.</summary>
    [Id(1)]
    public required string Function { get; init; }

    /// <summary>How many come at once.</summary>
    [Id(2)]
    public required PipelineBatch Batch { get; init; }

    /// <summary><c>table</c>: all changes stay in order; <c>key</c>: those of each row do.</summary>
    [Id(3)]
    public required string Order { get; init; }

    /// <summary><c>retry</c>, <c>skip</c> or <c>stop</c>: what becomes of a change that is not taken.</summary>
    [Id(4)]
    public required string OnError { get; init; }

    /// <summary>MiB of changes not delivered yet that the database may hold for it.</summary>
    [Id(5)]
    public required int MaxRetainedMiB { get; init; }

    /// <summary>What gets the function's answers; null for nothing.</summary>
    [Id(6)]
    public PipelineSinkTerms? Sink { get; init; }
}
