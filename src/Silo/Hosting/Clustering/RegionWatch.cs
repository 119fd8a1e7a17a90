using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Regions;
using Orleans.Runtime;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>Learns the regions of the other silos: those that functions name, and more as silos join.</summary>
internal sealed class RegionWatch(ISiloStatusOracle silos, ClusterRegions cluster, ServedRegions regions, FunctionCatalog catalog) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var region in catalog.Regions())
        {
            regions.Learn(region);
        }

        Learn();
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Learn();
        }
    }

    private void Learn()
    {
        foreach (var region in silos.GetActiveSilos().SelectMany(cluster.Of))
        {
            regions.Learn(region);
        }
    }
}
