using System.Collections.Immutable;

namespace HeliosEdge.Grains.Placement;

/// <summary>The regions that other silos serve.</summary>
public interface IRegionPeers
{
    /// <summary>All of them, the nearest by measured latency first, those that cannot be reached last.</summary>
    ImmutableArray<IRegionPeer> Nearest { get; }

    /// <summary>Finds a region; null if no peer is known to serve it.</summary>
    IRegionPeer? Find(string region);
}
