using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Grains.FanOuts;

/// <summary>What one region answered.</summary>
/// <param name="Region">The region.</param>
/// <param name="Result">The result.</param>
/// <param name="Duration">From when the region was asked until it had answered.</param>
public sealed record RegionAnswer(string Region, InvocationResult Result, TimeSpan Duration);
