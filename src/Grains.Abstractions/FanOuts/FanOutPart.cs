using HeliosEdge.Grains.Abstractions.Functions;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.FanOuts;

/// <summary>A part of a fan-out's answer; one of the members is not null.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.FanOutPart")]
public sealed record FanOutPart
{
    /// <summary>What a region answered.</summary>
    [Id(0)]
    public RegionAnswer? Answer { get; init; }

    /// <summary>Why no region was asked; there is no other part.</summary>
    [Id(1)]
    public InvocationFault? Refusal { get; init; }
}
