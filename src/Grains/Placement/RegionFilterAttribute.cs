using Orleans.Placement;

namespace HeliosEdge.Grains.Placement;

/// <summary>Keeps the grains of a class in the regions that their keys name, see <see cref="RegionFilter"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RegionFilterAttribute() : PlacementFilterAttribute(new RegionFilter());
