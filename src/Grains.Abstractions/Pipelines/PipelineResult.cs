using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Databases;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Pipelines;

/// <summary>What came of an order for pipelines.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.PipelineResult")]
public sealed record PipelineResult
{
    /// <summary>The pipelines that it was about, as they are now; all of them for a list.</summary>
    [Id(0)]
    public ImmutableArray<PipelineDescription> Pipelines { get; init; } = [];

    /// <summary>Whether the pipeline is new.</summary>
    [Id(1)]
    public bool IsNew { get; init; }

    /// <summary>The dead changes of a list.</summary>
    [Id(2)]
    public ImmutableArray<DeadChangeDescription> Dead { get; init; } = [];

    /// <summary>Why nothing was done; null where it was.</summary>
    [Id(3)]
    public DatabaseFault? Fault { get; init; }
}
