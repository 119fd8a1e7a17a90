using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Grains.Placement;

/// <summary>How an invocation ended, and where.</summary>
/// <param name="Region">The region that ran it, or the last one that was tried.</param>
/// <param name="Result">The result.</param>
public sealed record PlacedInvocation(string Region, InvocationResult Result);
