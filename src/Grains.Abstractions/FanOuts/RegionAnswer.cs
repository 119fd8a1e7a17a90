using HeliosEdge.Grains.Abstractions.Functions;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.FanOuts;

/// <summary>What one region answered.</summary>
/// <param name="Region">The region.</param>
/// <param name="Result">The result.</param>
/// <param name="Duration">From when the region was asked until it had answered.</param>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.RegionAnswer")]
public sealed record RegionAnswer([property: Id(0)] string Region, [property: Id(1)] InvocationResult Result, [property: Id(2)] TimeSpan Duration);
