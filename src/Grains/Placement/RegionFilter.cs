using Orleans.Placement;

namespace HeliosEdge.Grains.Placement;

/// <summary>
/// A grain whose key is <c>region</c> or begins with <c>region/</c> lives on silos that serve this region, and nowhere else: without such a silo,
/// calls of it fail with <see cref="Sandbox.ErrorCodes.RegionUnavailable"/>.
/// </summary>
public sealed class RegionFilter : PlacementFilterStrategy
{
    /// <summary>Makes it, the only filter of its grains.</summary>
    public RegionFilter()
        : base(order: 0)
    {
    }
}
