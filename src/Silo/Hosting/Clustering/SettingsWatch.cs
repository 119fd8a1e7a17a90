using System.Net;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>Warns, once for each silo that joins and each setting, where the silos of the cluster are not alike in what they must be.</summary>
internal sealed partial class SettingsWatch(ISiloStatusOracle silos, ISiloMetadataCache metadata, SharedSettings own, ILogger<SettingsWatch> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private HashSet<(SiloAddress Silo, SettingDifference Difference)> _known = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period);
        do
        {
            Look();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Look()
    {
        HashSet<(SiloAddress Silo, SettingDifference Difference)> found =
        [
            .. silos.GetActiveSilos().Where(silo => !silo.Equals(silos.SiloAddress))
                .SelectMany(silo => own.DifferencesTo(metadata.GetSiloMetadata(silo).Metadata).Select(difference => (silo, difference))),
        ];
        foreach (var (silo, difference) in found.Except(_known))
        {
            LogDiffers(log, difference.Setting, difference.Here, silo.Endpoint, difference.There);
        }

        _known = found;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The silos of the cluster differ in {Setting}: here it is {Here}, at {Silo} it is {There}. What runs on one silo may be refused by the other; give both the same.")]
    private static partial void LogDiffers(ILogger log, string setting, string here, IPEndPoint silo, string there);
}
