using Orleans.Placement;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>Puts the grains of a class on the silos that their keys name.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SiloPlacementAttribute() : PlacementAttribute(SiloPlacement.Instance);
