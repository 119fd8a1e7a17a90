using System.Collections.Concurrent;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Invocations;
using HeliosEdge.Grains.Invocations;

namespace HeliosEdge.Grains.Tests.Invocations;

/// <summary>A store that knows one lease and notes what is recorded under it.</summary>
internal sealed class OneLease : IInvocationStore
{
    private int _renewals;

    public int Renewals => Volatile.Read(ref _renewals);

    /// <summary>What is handed out to those who ask for work of some regions, up to a number.</summary>
    public Func<IReadOnlyDictionary<string, int>, int, IReadOnlyList<StoredInvocation>> Take { get; set; } = (_, _) => [];

    /// <summary>What the next renewals answer.</summary>
    public Func<bool> Renew { get; set; } = () => true;

    public ConcurrentQueue<byte[]> Completed { get; } = [];

    public ConcurrentQueue<(InvocationFault Fault, DateTimeOffset? NextAttemptAt)> Failed { get; } = [];

    public Task<bool> RenewAsync(InvocationLease lease, TimeSpan duration, CancellationToken cancel)
    {
        Interlocked.Increment(ref _renewals);
        return Task.FromResult(Renew());
    }

    public Task<bool> CompleteAsync(InvocationLease lease, ReadOnlyMemory<byte> response, CancellationToken cancel)
    {
        Completed.Enqueue(response.ToArray());
        return Task.FromResult(true);
    }

    public Task<InvocationState?> FailAsync(InvocationLease lease, InvocationFault fault, DateTimeOffset? nextAttemptAt, CancellationToken cancel)
    {
        Failed.Enqueue((fault, nextAttemptAt));
        return Task.FromResult<InvocationState?>(nextAttemptAt is null ? InvocationState.Failed : InvocationState.Queued);
    }

    public ConcurrentQueue<(InvocationFault Fault, DateTimeOffset Until)> Postponed { get; } = [];

    public Task<bool> PostponeAsync(InvocationLease lease, InvocationFault fault, DateTimeOffset until, CancellationToken cancel)
    {
        Postponed.Enqueue((fault, until));
        return Task.FromResult(true);
    }

    public Task<EnqueuedInvocation> EnqueueAsync(NewInvocation invocation, CancellationToken cancel) => throw new NotSupportedException();

    public Task<IReadOnlyList<StoredInvocation>> TryLeaseAsync(
        IReadOnlyDictionary<string, int> regions, int count, string owner, TimeSpan duration, CancellationToken cancel) => Task.FromResult(Take(regions, count));

    /// <summary>The state of what is taken back.</summary>
    public Func<Guid, InvocationState?> Cancel { get; set; } = _ => null;

    public Task<InvocationState?> CancelAsync(Guid id, CancellationToken cancel) => Task.FromResult(Cancel(id));

    /// <summary>What is found under an id.</summary>
    public Func<Guid, StoredInvocation?> Find { get; set; } = _ => null;

    public Task<StoredInvocation?> FindAsync(Guid id, CancellationToken cancel) => Task.FromResult(Find(id));

    public Task<IReadOnlyList<StoredInvocation>> ListAsync(
        InvocationState state, string? function, string? owner, Guid? after, int count, CancellationToken cancel) => throw new NotSupportedException();

    public Task<EnqueuedInvocation> RecordAsync(
        NewInvocation invocation, ReadOnlyMemory<byte>? response, InvocationFault? fault, CancellationToken cancel) => throw new NotSupportedException();

    public Task<bool> RequeueAsync(Guid id, CancellationToken cancel) => throw new NotSupportedException();

    public Task<int> PurgeAsync(CancellationToken cancel) => throw new NotSupportedException();
}
