using Orleans.Placement;

namespace HeliosEdge.Grains.Placement;

/// <summary>Puts the grains of a class in the regions that their keys name, see <see cref="RegionPlacement"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RegionPlacementAttribute() : PlacementAttribute(RegionPlacement.Instance);
