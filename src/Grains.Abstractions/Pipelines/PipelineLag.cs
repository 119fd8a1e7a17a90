using Orleans;

namespace HeliosEdge.Grains.Abstractions.Pipelines;

/// <summary>How far a pipeline is behind.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.PipelineLag")]
public sealed record PipelineLag
{
    /// <summary>Bytes of the database's log between it and the newest change.</summary>
    [Id(0)]
    public required long Bytes { get; init; }

    /// <summary>Changes that it has not delivered; null where the database cannot tell.</summary>
    [Id(1)]
    public long? Rows { get; init; }

    /// <summary>Seconds by which it is late.</summary>
    [Id(2)]
    public required double Seconds { get; init; }
}
