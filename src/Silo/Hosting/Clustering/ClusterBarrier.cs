using System.Diagnostics;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using Orleans;
using Orleans.Runtime;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>Has every other silo that is up catch up with the store, and waits until each has or is gone.</summary>
internal sealed class ClusterBarrier(IGrainFactory grains, ISiloStatusOracle silos) : ICatalogBarrier
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // Longer than it takes to vote a silo out that does not answer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public Task PassAsync() => Task.WhenAll(silos.GetActiveSilos().Where(silo => !silo.Equals(silos.SiloAddress)).Select(PassAsync));

    private async Task PassAsync(SiloAddress silo)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            Exception last;
            try
            {
                await grains.GetGrain<ICatalogGrain>(silo.ToParsableString()).CatchUpAsync();
                return;
            }
            catch (Exception e)
            {
                // It does not answer, or cannot read the store. Either it is about to be voted out, and will read the store when it is back, or it must be asked again.
                last = e;
            }

            if (silos.IsDeadSilo(silo) || !silos.GetActiveSilos().Contains(silo))
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new SandboxException(
                    ErrorCodes.PeerFailed,
                    $"The change is stored and in force on other silos, but for {Patience.TotalSeconds:0} s the silo {silo} has not said that it has taken it up: {last.Message}",
                    last);
            }

            await Task.Delay(Pause);
        }
    }
}
