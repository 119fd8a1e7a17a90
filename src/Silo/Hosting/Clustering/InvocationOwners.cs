using HeliosEdge.Grains.Invocations;
using Orleans;
using Orleans.Runtime;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>Names this silo in leases by its address, and finds the others by theirs. Every call of another silo has a time of its own, whatever becomes of that silo.</summary>
internal sealed partial class InvocationOwners(IGrainFactory grains, ISiloStatusOracle silos, ILogger<InvocationOwners> log) : IInvocationOwners
{
    // Silos that are alone in their clusters have all the same address, and may share a queue.
    private readonly string _process = Guid.NewGuid().ToString("N");

    /// <inheritdoc/>
    public string Here => field ??= $"{silos.SiloAddress.ToParsableString()}/{_process}";

    /// <inheritdoc/>
    public async Task<bool> WaitAsync(string owner, Guid id, TimeSpan atMost, CancellationToken cancellationToken)
    {
        if (Find(owner) is not { } silo)
        {
            return false;
        }

        try
        {
            return await grains.GetGrain<IRunningInvocationsGrain>(silo)
                .WaitAsync(id, (int)atMost.TotalMilliseconds, cancellationToken).WaitAsync(atMost, cancellationToken);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public async Task InterruptAsync(string owner, Guid id)
    {
        if (Find(owner) is not { } silo)
        {
            return;
        }

        try
        {
            await grains.GetGrain<IRunningInvocationsGrain>(silo).InterruptAsync(id);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            LogNotTold(log, e, silo, id);
        }
    }

    private string? Find(string owner)
    {
        var slash = owner.IndexOf('/', StringComparison.Ordinal);
        return slash >= 0 && silos.GetActiveSilos().Any(silo => !silo.Equals(silos.SiloAddress) && owner.AsSpan(0, slash).SequenceEqual(silo.ToParsableString()))
            ? owner[..slash]
            : null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The silo {Silo} could not be told that the invocation {Id} was taken back; it finds out when it renews its lease.")]
    private static partial void LogNotTold(ILogger log, Exception e, string silo, Guid id);
}
