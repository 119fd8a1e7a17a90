using Microsoft.Extensions.Hosting;

namespace HeliosEdge.Storage.Watching;

/// <summary>Looks every second whether stores that could not be used can be again, so that the silo is ready by itself.</summary>
internal sealed class StorageWatch(StorageHealth health, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await health.ProbeAsync().ConfigureAwait(false);
        }
    }
}
