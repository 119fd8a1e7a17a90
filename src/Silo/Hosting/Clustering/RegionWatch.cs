using System.Net;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Regions;
using Orleans.Runtime;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>Learns the regions of the other silos: those that functions name, and more as silos join.</summary>
internal sealed partial class RegionWatch(ISiloStatusOracle silos, ClusterRegions cluster, ServedRegions regions, FunctionCatalog catalog, ILogger<RegionWatch> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private HashSet<(SiloAddress Silo, string Region)> _served = [];

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
        HashSet<(SiloAddress Silo, string Region)> served =
            [.. silos.GetActiveSilos().Where(silo => !silo.Equals(silos.SiloAddress)).SelectMany(silo => cluster.Of(silo).Select(region => (silo, region)))];
        foreach (var (silo, region) in served.Except(_served))
        {
            regions.Learn(region);
            LogServes(log, silo.Endpoint, region);
        }

        foreach (var (silo, region) in _served.Except(served))
        {
            LogGone(log, silo.Endpoint, region);
        }

        _served = served;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The silo at {Silo} serves the region {Region}.")]
    private static partial void LogServes(ILogger log, IPEndPoint silo, string region);

    [LoggerMessage(Level = LogLevel.Information, Message = "The silo at {Silo} no longer serves the region {Region}.")]
    private static partial void LogGone(ILogger log, IPEndPoint silo, string region);
}
