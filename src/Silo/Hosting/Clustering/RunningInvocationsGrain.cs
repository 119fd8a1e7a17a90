using HeliosEdge.Grains.Invocations;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <inheritdoc cref="IRunningInvocationsGrain"/>
[Reentrant]
[SiloPlacement]
internal sealed class RunningInvocationsGrain(RunningInvocations running) : Grain, IRunningInvocationsGrain
{
    /// <inheritdoc/>
    public Task<bool> WaitAsync(Guid id, int atMostMs, CancellationToken cancellationToken) =>
        running.WaitAsync(id, TimeSpan.FromMilliseconds(atMostMs), cancellationToken);

    /// <inheritdoc/>
    public Task InterruptAsync(Guid id)
    {
        running.Interrupt(id);
        return Task.CompletedTask;
    }
}
