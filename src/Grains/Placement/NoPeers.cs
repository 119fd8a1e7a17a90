using System.Collections.Immutable;

namespace HeliosEdge.Grains.Placement;

/// <summary>The peers of a silo that has none.</summary>
public sealed class NoPeers : IRegionPeers
{
    /// <inheritdoc/>
    public ImmutableArray<IRegionPeer> Nearest => [];

    /// <inheritdoc/>
    public IRegionPeer? Find(string region) => null;
}
