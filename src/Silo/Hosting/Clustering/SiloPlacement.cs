using Orleans;
using Orleans.Runtime;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>A grain whose key is the address of a silo lives on that silo.</summary>
[GenerateSerializer]
[Immutable]
internal sealed class SiloPlacement : PlacementStrategy
{
    public static SiloPlacement Instance { get; } = new();
}
