using Orleans;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>The queued invocations that run on one silo; the key is the silo's address.</summary>
[Alias("HeliosEdge.IRunningInvocationsGrain")]
internal interface IRunningInvocationsGrain : IGrainWithStringKey
{
    /// <summary>Waits until no attempt of an invocation runs there.</summary>
    /// <returns>False if one still does.</returns>
    [Alias("Wait")]
    [ResponseTimeout("00:00:05")]
    Task<bool> WaitAsync(Guid id, int atMostMs, CancellationToken cancellationToken);

    /// <summary>Interrupts the guest of an invocation that was taken back.</summary>
    [Alias("Interrupt")]
    [ResponseTimeout("00:00:02")]
    Task InterruptAsync(Guid id);
}
