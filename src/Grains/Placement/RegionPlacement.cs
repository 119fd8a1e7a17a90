using Orleans;
using Orleans.Runtime;

namespace HeliosEdge.Grains.Placement;

/// <summary>
/// A grain whose key is <c>region</c> or <c>region/…</c> lives on a silo that serves this region, and nowhere else: without such a silo,
/// calls of it fail with <see cref="Sandbox.ErrorCodes.RegionUnavailable"/>.
/// </summary>
[GenerateSerializer]
[Immutable]
public sealed class RegionPlacement : PlacementStrategy
{
    internal static RegionPlacement Instance { get; } = new();

    /// <summary>The region in a grain's key.</summary>
    public static string RegionOf(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? key : key[..slash];
    }
}
