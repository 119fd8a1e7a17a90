using Orleans;

namespace HeliosEdge.Grains.Abstractions.Pipelines;

/// <summary>How many changes come at once.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.PipelineBatch")]
public sealed record PipelineBatch
{
    /// <summary>Changes, at most.</summary>
    [Id(0)]
    public required int MaxRows { get; init; }

    /// <summary>Milliseconds that a change waits for others to come with it.</summary>
    [Id(1)]
    public required int MaxWaitMs { get; init; }
}
