using System.Collections.Concurrent;
using System.Security.Cryptography;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Invocations;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Errors;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Invocations;

/// <summary>
/// Runs a call that has an idempotency key once. The key is claimed on disk before the guest runs, so that no other silo on the same store runs it at
/// the same time; what the guest answered, or how it failed, is stored in the claim's place for repeats. What failed before the guest ran frees the key.
/// A key with which the call was queued stands for what comes of that, and the other way round.
/// </summary>
public sealed class KeyedInvocations(
    IResultStore results, IInvocationStore invocations, InvocationLookup lookup, InvocationQueue queue, IInvocationPlacement placement, SandboxPolicy policy)
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>What a call takes at most besides its guest's running time.</summary>
    private static readonly TimeSpan Overhead = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(string Function, string Slot), Task> _running = new();

    private TimeSpan ClaimedFor => TimeSpan.FromMilliseconds(policy.Ceiling.TimeoutMs) + Overhead;

    /// <summary>Runs a call, or gives what it was answered before.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="order">The call.</param>
    /// <param name="cancellationToken">Ends the wait for what runs already. A call that has begun goes on: whoever loses the connection asks again, and is to find the result then.</param>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.IdempotencyKeyReused"/>, <see cref="ErrorCodes.InProgress"/> or <see cref="ErrorCodes.NoResult"/>; or the call was refused, as by
    /// <see cref="IInvocationPlacement.InvokeAsync"/>.
    /// </exception>
    public async Task<KeyedAnswer> InvokeAsync(CallKey key, InvocationOrder order, CancellationToken cancellationToken)
    {
        var slot = (order.Function, key.Slot);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (_running.GetOrAdd(slot, done.Task) is var running && running != done.Task)
        {
            await running.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        KeyedAnswer? answer;
        Guid queued;
        try
        {
            (answer, queued) = await RunAloneAsync(key, order).ConfigureAwait(false);
        }
        finally
        {
            _running.TryRemove(slot, out _);
            done.SetResult();
        }

        return answer ?? await AnswerOfQueuedAsync(queued, key, order, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Queues a call. Where its key is known, it is the invocation from then; where a call was answered at once under the key, one that has ended in the same way.</summary>
    /// <param name="key">Its key; null for none.</param>
    /// <param name="function">The function's name.</param>
    /// <param name="region">The region that the caller stated; null where none was.</param>
    /// <param name="place">What <see cref="InvocationQueue.Place"/> gave for them.</param>
    /// <param name="payload">What the guest gets.</param>
    /// <param name="owner">The caller, or null where there is only one.</param>
    /// <param name="traceParent">The trace that it belongs to, or null.</param>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.PayloadTooLarge"/>, <see cref="ErrorCodes.IdempotencyKeyReused"/> or <see cref="ErrorCodes.InProgress"/>.
    /// </exception>
    public async Task<AcceptedInvocation> EnqueueAsync(
        CallKey? key, string function, string? region, QueuePlace place, ReadOnlyMemory<byte> payload, string? owner, string? traceParent)
    {
        var queued = await queue.EnqueueAsync(function, place, payload, key?.Slot, owner, traceParent).ConfigureAwait(false);
        if (queued.HeldBy is { FanOut: { } fanOut })
        {
            throw KeyConflict.OfFanOut(key!, fanOut);
        }

        if (queued.HeldBy is { Result: { } result })
        {
            var invocation = InvocationQueue.Check(function, place, payload) with { IdempotencyKey = key!.Slot, Owner = owner, TraceParent = traceParent };
            queued = await RecordAsync(key, region, result, invocation).ConfigureAwait(false);
        }

        if (queued.IsNew || await invocations.FindAsync(queued.Id).ConfigureAwait(false) is not { } earlier)
        {
            return new AcceptedInvocation(queued.Id, place.Region, queued.IsNew);
        }

        return !earlier.Payload.Span.SequenceEqual(payload.Span) ? throw KeyConflict.Reused(key!, $"the invocation {queued.Id}, which has another payload")
            : region is not null && region != earlier.Region ? throw KeyConflict.Reused(key!, $"the invocation {queued.Id}, which is of {earlier.Region}")
            : new AcceptedInvocation(queued.Id, earlier.Region, IsNew: false);
    }

    /// <summary>Stores in the place of a call that was answered at once an invocation that has ended in the same way.</summary>
    private async Task<EnqueuedInvocation> RecordAsync(CallKey key, string? region, byte[] held, NewInvocation invocation)
    {
        var stored = StoredCall.Read(held);
        Compare(stored, key, HashOf(invocation.Payload), region);
        return stored.Outcome is { } outcome
            ? await invocations.RecordAsync(
                invocation with { Region = outcome.Region },
                outcome.Response is { } response ? (ReadOnlyMemory<byte>?)response : null,
                outcome.Fault).ConfigureAwait(false)
            : throw Claimed(key);
    }

    /// <returns>The answer; without one, the invocation that the key was queued with, which is then to be waited for.</returns>
    private async Task<(KeyedAnswer? Answer, Guid Queued)> RunAloneAsync(CallKey key, InvocationOrder order)
    {
        var hash = HashOf(order.Payload);
        var claim = new StoredCall(hash, order.Region, Guid.NewGuid(), null).ToBytes();
        var holder = await results.AddAsync(order.Function, key.Slot, claim, ClaimedFor).ConfigureAwait(false);
        if (holder.Result is not { } held)
        {
            return (null, holder.Invocation ?? throw KeyConflict.OfFanOut(key, holder.FanOut!.Value));
        }

        if (held.AsSpan().SequenceEqual(claim))
        {
            return (await CallAsync(key, order, claim, hash).ConfigureAwait(false), default);
        }

        var stored = StoredCall.Read(held);
        Compare(stored, key, hash, order.Region);
        return stored.Outcome is { } outcome ? (new KeyedAnswer(outcome.Region, outcome.ToResult(), IsReplay: true), default) : throw Claimed(key);
    }

    private async Task<KeyedAnswer> CallAsync(CallKey key, InvocationOrder order, byte[] claim, string hash)
    {
        byte[]? kept = null;
        try
        {
            var (region, result) = await placement.InvokeAsync(order, CancellationToken.None).ConfigureAwait(false);
            kept = IsTheGuests(result) ? new StoredCall(hash, order.Region, null, StoredCall.Answer.Of(region, result)).ToBytes() : null;
            return new KeyedAnswer(region, result, IsReplay: false);
        }
        finally
        {
            await results.ReplaceAsync(order.Function, key.Slot, claim, kept, Kept).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for what was queued with the key, as long as the caller will.</summary>
    private async Task<KeyedAnswer> AnswerOfQueuedAsync(Guid id, CallKey key, InvocationOrder order, CancellationToken cancellationToken)
    {
        var waitMs = Math.Max(0, order.LeftMs ?? InvocationLookup.MaxWaitMs);
        var invocation = await invocations.FindAsync(id, cancellationToken).ConfigureAwait(false);
        if (invocation is { State: < InvocationState.Succeeded } && IsTheSame(invocation))
        {
            invocation = await lookup.FindAsync(id, waitMs, static _ => true, cancellationToken).ConfigureAwait(false);
        }

        if (invocation is not null && !IsTheSame(invocation))
        {
            throw KeyConflict.Reused(
                key, $"the invocation {id}, which {(invocation.Payload.Span.SequenceEqual(order.Payload.Span) ? $"is of {invocation.Region}" : "has another payload")}");
        }

        return invocation switch
        {
            null or { State: < InvocationState.Succeeded } =>
                throw KeyConflict.Running($"The key \"{Names.Shorten(key.Text)}\" belongs to the invocation {id}, which has not ended."),
            { Response: { } response } => new KeyedAnswer(invocation.Region, new InvocationResult { Response = response }, IsReplay: true),
            { State: InvocationState.Failed or InvocationState.Dead, Fault: { } fault } =>
                new KeyedAnswer(invocation.Region, new InvocationResult { Fault = fault }, IsReplay: true),
            _ => throw new SandboxException(
                ErrorCodes.NoResult, $"The invocation {id}, which has the key, is {invocation.State.ToString().ToLowerInvariant()}."),
        };

        bool IsTheSame(StoredInvocation earlier) =>
            earlier.Payload.Span.SequenceEqual(order.Payload.Span) && (order.Region is not { } region || region == earlier.Region);
    }

    /// <summary>Whether the guest has answered or failed; everything else may be different the next time.</summary>
    private static bool IsTheGuests(InvocationResult result) =>
        result.Fault is not { } fault || (ErrorKind.Find(fault.Code)?.Status is 502 or 504 && fault.Code != ErrorCodes.PeerFailed);

    private static string HashOf(ReadOnlyMemory<byte> payload) => Convert.ToHexStringLower(SHA256.HashData(payload.Span));

    /// <summary>Refuses a call with this payload and region where the one that its key belongs to differs.</summary>
    private static void Compare(StoredCall stored, CallKey key, string hash, string? region)
    {
        if (stored.PayloadHash != hash)
        {
            throw KeyConflict.Reused(key, "a call with another payload");
        }

        if (region is not null && stored.Region is { } other && other != region)
        {
            throw KeyConflict.Reused(key, $"a call of {Names.Shorten(other)}");
        }
    }

    private SandboxException Claimed(CallKey key) => KeyConflict.Running(
        $"A call with the key \"{Names.Shorten(key.Text)}\" runs, or was cut off; in that case the key is free again after {ClaimedFor.TotalSeconds:0} s.");
}
