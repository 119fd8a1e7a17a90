using HeliosEdge.Grains.Invocations;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.FanOuts;

/// <summary>Queues durable fan-outs under their callers' idempotency keys.</summary>
public sealed class KeyedFanOuts(FanOutQueue queue, IFanOutStore fanOuts, IInvocationStore invocations)
{
    /// <summary>Queues a fan-out; where its key is known, it is the fan-out from then.</summary>
    /// <param name="key">Its key; null for none.</param>
    /// <param name="plan">Where.</param>
    /// <param name="payload">What each guest gets.</param>
    /// <param name="owner">The caller, or null where there is only one.</param>
    /// <param name="traceParent">The trace that it belongs to, or null.</param>
    /// <param name="maxAttempts">How often each region may be tried; null for what the registration there says.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PayloadTooLarge"/> or <see cref="ErrorCodes.IdempotencyKeyReused"/>.</exception>
    public async Task<EnqueuedFanOut> EnqueueAsync(
        CallKey? key, FanOutPlan plan, ReadOnlyMemory<byte> payload, string? owner, string? traceParent, int? maxAttempts = null)
    {
        var queued = await queue.EnqueueAsync(plan, payload, key?.Slot, owner, traceParent, maxAttempts).ConfigureAwait(false);
        if (queued.HeldBy is { } holder)
        {
            throw KeyConflict.OfCall(key!, holder.Invocation);
        }

        if (!queued.IsNew
            && await fanOuts.FindAsync(queued.Id).ConfigureAwait(false) is { } earlier
            && await invocations.FindAsync(earlier.Invocations[0]).ConfigureAwait(false) is { } invocation
            && !invocation.Payload.Span.SequenceEqual(payload.Span))
        {
            throw KeyConflict.Reused(key!, $"the fan-out {queued.Id}, which has another payload");
        }

        return queued;
    }
}
