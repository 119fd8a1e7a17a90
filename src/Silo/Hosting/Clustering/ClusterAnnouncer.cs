using HeliosEdge.Grains.Functions;
using Orleans;
using Orleans.Runtime;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>Announces changes of the store to every other silo that is up, and waits until each has taken it up or is gone.</summary>
internal sealed class ClusterAnnouncer(IGrainFactory grains, ISiloStatusOracle silos) : ICatalogAnnouncer
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    public Task AnnounceAsync(string name) =>
        Task.WhenAll(silos.GetActiveSilos().Where(silo => !silo.Equals(silos.SiloAddress)).Select(silo => AnnounceAsync(silo, name)));

    private async Task AnnounceAsync(SiloAddress silo, string name)
    {
        while (true)
        {
            try
            {
                await grains.GetGrain<ICatalogGrain>(silo.ToParsableString()).ReloadAsync(name);
                return;
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                // It does not answer. Either it is about to be voted out, and will read the store when it is back, or it must be asked again.
                if (silos.IsDeadSilo(silo) || !silos.GetActiveSilos().Contains(silo))
                {
                    return;
                }
            }

            await Task.Delay(Pause);
        }
    }
}
