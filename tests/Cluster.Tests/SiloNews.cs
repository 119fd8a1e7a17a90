using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace HeliosEdge.Cluster.Tests;

/// <summary>Waits for what a silo in this process tells of the others; the limit is only there so that a fault ends the test.</summary>
internal static class SiloNews
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(90);

    /// <summary>Waits until something holds of which silos are there, for the silo with these services.</summary>
    public static async Task WhenSilosAsync(this IServiceProvider services, Predicate<IReadOnlyList<SiloAddress>> holds)
    {
        using var watchdog = new CancellationTokenSource(Watchdog);
        using var listener = new Listener();
        var silos = services.GetRequiredService<ISiloStatusOracle>();
        silos.SubscribeToSiloStatusEvents(listener);
        try
        {
            while (!holds(silos.GetActiveSilos()))
            {
                await listener.Changes.WaitAsync(watchdog.Token);
            }
        }
        finally
        {
            silos.UnSubscribeFromSiloStatusEvents(listener);
        }
    }

    /// <summary>Waits until the silo with these services has the manifests of as many silos: it places no grain on one whose manifest it has not fetched yet.</summary>
    public static async Task WhenManifestsAsync(this IServiceProvider services, int count)
    {
        using var watchdog = new CancellationTokenSource(Watchdog);
        var manifests = services.GetRequiredService<IClusterManifestProvider>();

        // The one that holds now comes first.
        await foreach (var manifest in manifests.Updates.WithCancellation(watchdog.Token))
        {
            if (manifest.Silos.Count == count)
            {
                return;
            }
        }
    }

    private sealed class Listener : ISiloStatusListener, IDisposable
    {
        public SemaphoreSlim Changes { get; } = new(0);

        public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status) => Changes.Release();

        public void Dispose() => Changes.Dispose();
    }
}
