using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Invocations;

namespace HeliosEdge.Grains.Invocations;

/// <summary>
/// The queue of asynchronous invocations. What a method has acknowledged is on disk. Several silos may work on the same queue: an
/// attempt belongs to whoever holds its lease, and work whose lease has run out goes to the next who asks. Used by many threads.
/// </summary>
public interface IInvocationStore
{
    /// <summary>Queues an invocation. Calls that come in at the same time share a transaction.</summary>
    Task<EnqueuedInvocation> EnqueueAsync(NewInvocation invocation, CancellationToken cancel = default);

    /// <summary>Stores, in the place of a call that was answered at once under the same idempotency key, an invocation that has ended in the same way.</summary>
    /// <param name="invocation">The invocation.</param>
    /// <param name="response">The response that there was; null where the guest failed.</param>
    /// <param name="fault">How the guest failed, or null.</param>
    /// <param name="cancel">Ends the wait.</param>
    Task<EnqueuedInvocation> RecordAsync(
        NewInvocation invocation, ReadOnlyMemory<byte>? response, InvocationFault? fault, CancellationToken cancel = default);

    /// <summary>
    /// Takes work that is due: what is queued, and what is running under a lease that has run out. Where more is due than is asked for, the regions
    /// share by <see cref="FairShares"/>, and of each region it is the earliest. No two callers get the same attempt. What has no attempt left when its lease runs out becomes dead and is not handed out.
    /// </summary>
    /// <param name="regions">The regions whose work is wanted, and how many of their attempts whoever asks runs already.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="owner">Who asks.</param>
    /// <param name="duration">How long the leases last.</param>
    /// <param name="cancel">Ends the wait; what was taken by then is due again when its lease runs out.</param>
    Task<IReadOnlyList<StoredInvocation>> TryLeaseAsync(
        IReadOnlyDictionary<string, int> regions, int count, string owner, TimeSpan duration, CancellationToken cancel = default);

    /// <summary>Makes a lease last for <paramref name="duration"/> from now.</summary>
    /// <returns>False if it is lost: the attempt must be ended, and what it gives is not wanted.</returns>
    Task<bool> RenewAsync(InvocationLease lease, TimeSpan duration, CancellationToken cancel = default);

    /// <summary>Ends an invocation with its response.</summary>
    /// <returns>False if the lease is lost; nothing is changed.</returns>
    Task<bool> CompleteAsync(InvocationLease lease, ReadOnlyMemory<byte> response, CancellationToken cancel = default);

    /// <summary>Ends an attempt that failed.</summary>
    /// <param name="lease">The attempt.</param>
    /// <param name="fault">Why.</param>
    /// <param name="nextAttemptAt">When to try again, or null if that would not help. Without an attempt left, the invocation is dead.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>The state that it is in now, or null if the lease is lost and nothing is changed.</returns>
    Task<InvocationState?> FailAsync(
        InvocationLease lease, InvocationFault fault, DateTimeOffset? nextAttemptAt, CancellationToken cancel = default);

    /// <summary>Gives an attempt back that cannot have begun, without counting it.</summary>
    /// <param name="lease">The attempt.</param>
    /// <param name="fault">Why it could not begin.</param>
    /// <param name="until">When to try again.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>False if the lease is lost; nothing is changed.</returns>
    Task<bool> PostponeAsync(InvocationLease lease, InvocationFault fault, DateTimeOffset until, CancellationToken cancel = default);

    /// <summary>Takes an invocation back; one that runs loses its lease.</summary>
    /// <returns>The state that it is in now: cancelled, or how it had ended before; null if there is none with this id.</returns>
    Task<InvocationState?> CancelAsync(Guid id, CancellationToken cancel = default);

    /// <summary>Finds an invocation.</summary>
    /// <returns>Null if there is none with this id, or it is past its expiry.</returns>
    Task<StoredInvocation?> FindAsync(Guid id, CancellationToken cancel = default);

    /// <summary>Invocations in one state, the earliest queued first.</summary>
    /// <param name="state">The state.</param>
    /// <param name="function">Only those of this function, or null for all.</param>
    /// <param name="owner">Only those that this one queued, or null for all.</param>
    /// <param name="after">The last id of the page before, or null.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancel">Ends the wait.</param>
    Task<IReadOnlyList<StoredInvocation>> ListAsync(
        InvocationState state, string? function, string? owner, Guid? after, int count, CancellationToken cancel = default);

    /// <summary>Queues a dead invocation again, due at once, with all of its attempts.</summary>
    /// <returns>False if it is not dead.</returns>
    Task<bool> RequeueAsync(Guid id, CancellationToken cancel = default);

    /// <summary>Forgets what has ended and is past its expiry, but for invocations of fan-outs that are not decided.</summary>
    /// <returns>How many were forgotten.</returns>
    Task<int> PurgeAsync(CancellationToken cancel = default);
}
