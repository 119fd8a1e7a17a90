using HeliosEdge.Grains.Abstractions.Invocations;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.FanOuts;

/// <summary>
/// Calls of functions in many regions, for callers within the cluster. It has no state and lives on every silo; the key is any number, and different numbers may go to different silos.
/// Refusals are values; only the grain's own failure is thrown.
/// </summary>
[Alias("HeliosEdge.IFanOutsGrain")]
public interface IFanOutsGrain : IGrainWithIntegerKey
{
    /// <summary>Asks all regions at once, and gives their answers as they come. Who leaves interrupts the guests that still run.</summary>
    /// <param name="order">Where, and what for; without an idempotency key.</param>
    /// <param name="cancellationToken">Interrupts all.</param>
    [Alias("Run")]
    [ResponseTimeout(CallTimes.Guest)]
    IAsyncEnumerable<FanOutPart> RunAsync(FanOutOrder order, CancellationToken cancellationToken = default);

    /// <summary>Queues the call in all regions; it is on disk when this returns.</summary>
    /// <param name="order">Where, and what for; its patience is of no meaning.</param>
    [Alias("Enqueue")]
    [ResponseTimeout(CallTimes.Store)]
    Task<Acceptance> EnqueueAsync(FanOutOrder order);

    /// <summary>How a fan-out is.</summary>
    /// <param name="id">The fan-out.</param>
    /// <param name="waitMs">Milliseconds to wait until it is decided; more than a minute is cut down to that.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if there is none with this id, or it has been forgotten.</returns>
    [Alias("Get")]
    [ResponseTimeout(CallTimes.Guest)]
    Task<FanOutStatus?> GetAsync(Guid id, int waitMs, CancellationToken cancellationToken = default);
}
