using System.Collections.Immutable;
using HeliosEdge.Federation;
using HeliosEdge.Grains;
using HeliosEdge.Grains.Abstractions.Databases;
using HeliosEdge.Grains.Abstractions.Pipelines;
using HeliosEdge.Grains.Databases;
using HeliosEdge.Grains.Pipelines;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using Orleans;

namespace HeliosEdge.Silo.Databases;

/// <summary>Has statements run where their region is: on this silo, or on another one of the cluster.</summary>
internal sealed class DatabaseRouter(ServedRegions served, HttpRegionPeers peers, InvocationRouter regions, DatabaseRunner runner, TriggerRunner triggers, PipelineRunner pipelines, IGrainFactory grains)
{
    /// <summary>The region that is meant.</summary>
    /// <param name="stated">What the caller states; null for this silo's first one.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.RegionNotFound"/>: it is none, or one of another site.</exception>
    public string RegionFor(string? stated)
    {
        if (stated is null)
        {
            return served.Own[0];
        }

        if (!served.Contains(stated) && peers.FindRegion(stated) is { } peer)
        {
            throw new SandboxException(
                ErrorCodes.RegionNotFound,
                $"The region {Names.Shorten(stated)} is one of another site, whose databases only its own silos take statements for: send it to {peer.Silo.Address.GetLeftPart(UriPartial.Authority)}.");
        }

        regions.Require(stated);
        return stated;
    }

    /// <summary>The databases of a region that <see cref="RegionFor"/> has given.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.RegionUnavailable"/> or <see cref="ErrorCodes.PeerFailed"/>.</exception>
    public async Task<ImmutableArray<DatabaseDescription>> ListAsync(string region) =>
        served.Own.Contains(region) ? runner.List(region) : await grains.GetGrain<IDatabaseGrain>(region).ListAsync();

    /// <summary>Runs statements in a region that <see cref="RegionFor"/> has given.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.RegionUnavailable"/>: nothing has run. <see cref="ErrorCodes.PeerFailed"/>: it may have.</exception>
    public Task<DatabaseResult> RunAsync(string region, DatabaseOrder order, CancellationToken cancellationToken) => served.Own.Contains(region)
        ? runner.RunAsync(region, order, cancellationToken)
        : grains.GetGrain<IDatabaseGrain>(region).RunAsync(order, cancellationToken);

    /// <summary>Lists or changes triggers in a region that <see cref="RegionFor"/> has given.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.RegionUnavailable"/> or <see cref="ErrorCodes.PeerFailed"/>.</exception>
    public Task<TriggerResult> TriggersAsync(string region, TriggerOrder order, CancellationToken cancellationToken) => served.Own.Contains(region)
        ? triggers.RunAsync(region, order, cancellationToken)
        : grains.GetGrain<IDatabaseGrain>(region).TriggersAsync(order, cancellationToken);

    /// <summary>Lists or changes pipelines in a region that <see cref="RegionFor"/> has given.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.RegionUnavailable"/> or <see cref="ErrorCodes.PeerFailed"/>.</exception>
    public Task<PipelineResult> PipelinesAsync(string region, PipelineOrder order, CancellationToken cancellationToken) => served.Own.Contains(region)
        ? pipelines.RunAsync(region, order, cancellationToken)
        : grains.GetGrain<IPipelinesGrain>(region).RunAsync(order, cancellationToken);
}
