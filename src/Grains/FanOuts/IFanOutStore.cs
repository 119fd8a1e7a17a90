using HeliosEdge.Grains.Invocations;

namespace HeliosEdge.Grains.FanOuts;

/// <summary>Durable fan-outs. What a method has acknowledged is on disk. Used by many threads and by several silos.</summary>
public interface IFanOutStore
{
    /// <summary>Stores a fan-out and queues its invocations, all or nothing, unless its idempotency key is held already.</summary>
    /// <param name="fanOut">The fan-out.</param>
    /// <param name="invocations">Its invocations, in the order of the ids that <see cref="StoredFanOut.Invocations"/> gives them.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>The id of the one that is stored, and whether it is this one; or what else holds the key.</returns>
    Task<EnqueuedFanOut> AddAsync(StoredFanOut fanOut, IReadOnlyList<NewInvocation> invocations, CancellationToken cancel = default);

    /// <summary>Finds a fan-out; null if there is none with this id, or it is past its expiry.</summary>
    Task<StoredFanOut?> FindAsync(Guid id, CancellationToken cancel = default);

    /// <summary>The ids of those that are not decided.</summary>
    Task<IReadOnlyList<Guid>> ListUndecidedAsync(CancellationToken cancel = default);

    /// <summary>Notes that a fan-out is decided. It and its invocations are kept for the lifetime of results from now on.</summary>
    Task DecideAsync(Guid id, CancellationToken cancel = default);

    /// <summary>Forgets what is past its expiry.</summary>
    /// <returns>How many were forgotten.</returns>
    Task<int> PurgeAsync(CancellationToken cancel = default);
}
