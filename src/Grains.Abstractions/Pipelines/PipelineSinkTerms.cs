using Orleans;

namespace HeliosEdge.Grains.Abstractions.Pipelines;

/// <summary>What gets the answers of a pipeline's function; one of these.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.PipelineSinkTerms")]
public sealed record PipelineSinkTerms
{
    /// <summary>A table of the same database.</summary>
    [Id(0)]
    public string? Table { get; init; }

    /// <summary>A function of the same region.</summary>
    [Id(1)]
    public string? Function { get; init; }

    /// <summary>An address.</summary>
    [Id(2)]
    public string? Webhook { get; init; }
}
