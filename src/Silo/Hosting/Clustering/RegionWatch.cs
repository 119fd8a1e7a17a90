using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Regions;
using Orleans.Runtime;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>
/// Learns the regions of the other silos as they join. Once this silo has joined, it reads the store again: a change that was made after it read
/// the store and before it joined was announced to the others only.
/// </summary>
internal sealed class RegionWatch(
    ISiloStatusOracle silos, ClusterRegions cluster, ServedRegions regions, FunctionRegistrar registrar, FunctionCatalog catalog) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await registrar.LoadAsync();
        foreach (var region in catalog.List().SelectMany(function => function.Regions))
        {
            regions.Learn(region);
        }

        Learn();
        await base.StartAsync(cancellationToken);
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
