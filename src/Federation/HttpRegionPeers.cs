using System.Collections.Frozen;
using System.Collections.Immutable;
using HeliosEdge.Access.Keys;
using HeliosEdge.Federation.Deployments;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Federation;

/// <summary>The regions of other silos, as the operator named them.</summary>
internal sealed class HttpRegionPeers : IRegionPeers, IDisposable
{
    private readonly FrozenDictionary<string, HttpRegionPeer> _regions;
    private ImmutableArray<IRegionPeer> _nearest;

    public HttpRegionPeers(FederationOptions options, PeerKey? key, PeerTls tls, SandboxPolicy policy, IDeploymentStore deployments, TimeProvider clock)
    {
        Silos =
        [
            .. options.Peers.GroupBy(peer => peer.Address)
                .Select(group => new PeerSilo(group.Key, [.. group.Select(peer => peer.Region)], key, tls, clock)),
        ];
        Regions = [.. options.Peers.Select(peer => new HttpRegionPeer(peer.Region, Silos.First(silo => silo.Address == peer.Address), policy, deployments))];
        _regions = Regions.ToFrozenDictionary(peer => peer.Region, StringComparer.Ordinal);
        _nearest = [.. Regions];
    }

    /// <summary>The silos.</summary>
    public ImmutableArray<PeerSilo> Silos { get; }

    /// <summary>Their regions, in the operator's order.</summary>
    public ImmutableArray<HttpRegionPeer> Regions { get; }

    public ImmutableArray<IRegionPeer> Nearest => _nearest;

    public IRegionPeer? Find(string region) => FindRegion(region);

    public HttpRegionPeer? FindRegion(string region) => _regions.GetValueOrDefault(region);

    /// <summary>Puts the nearest first again, after something was measured.</summary>
    public void Sort() => ImmutableInterlocked.InterlockedExchange(
        ref _nearest,
        [.. Regions.OrderBy(Rank).ThenBy(peer => peer.Silo.State.LatencyMs ?? double.MaxValue)]);

    public void Dispose()
    {
        foreach (var silo in Silos)
        {
            silo.Dispose();
        }
    }

    private static int Rank(HttpRegionPeer peer) => peer.Silo.State.IsUp switch { true => 0, null => 1, false => 2 };
}
