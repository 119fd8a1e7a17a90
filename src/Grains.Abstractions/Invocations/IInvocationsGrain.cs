using Orleans;

namespace HeliosEdge.Grains.Abstractions.Invocations;

/// <summary>
/// Calls of functions, placed in a region by the silo that is asked, and queued calls, for callers within the cluster. It has no state and lives on every silo; the key is any number,
/// and different numbers may go to different silos. Refusals are values; only the grain's own failure is thrown.
/// </summary>
[Alias("HeliosEdge.IInvocationsGrain")]
public interface IInvocationsGrain : IGrainWithIntegerKey
{
    /// <summary>Runs a function once, or gives what an earlier call with the same idempotency key was answered.</summary>
    /// <param name="request">The call.</param>
    /// <param name="cancellationToken">Ends the call, where it has not ended yet and has no idempotency key.</param>
    [Alias("Invoke")]
    [ResponseTimeout(CallTimes.Guest)]
    Task<InvocationAnswer> InvokeAsync(InvocationRequest request, CancellationToken cancellationToken = default);

    /// <summary>Queues a call; it is on disk when this returns.</summary>
    /// <param name="request">The call; its patience and failover are of no meaning.</param>
    [Alias("Enqueue")]
    [ResponseTimeout(CallTimes.Store)]
    Task<Acceptance> EnqueueAsync(InvocationRequest request);

    /// <summary>How a queued call is.</summary>
    /// <param name="id">The invocation.</param>
    /// <param name="waitMs">Milliseconds to wait for its end; more than a minute is cut down to that.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if there is none with this id, or it has been forgotten.</returns>
    [Alias("Get")]
    [ResponseTimeout(CallTimes.Guest)]
    Task<InvocationStatus?> GetAsync(Guid id, int waitMs, CancellationToken cancellationToken = default);

    /// <summary>Takes a queued call back; its guest is interrupted. One that has ended stays as it is.</summary>
    /// <param name="id">The invocation.</param>
    /// <returns>How it is now, without its response; null if there is none with this id, or it has been forgotten.</returns>
    [Alias("Cancel")]
    [ResponseTimeout(CallTimes.Store)]
    Task<InvocationStatus?> CancelAsync(Guid id);
}
