using System.Collections.Immutable;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.FanOuts;

/// <summary>Takes durable fan-outs in: an invocation for each region and the fan-out itself, all on disk at once, then the acknowledgement.</summary>
public sealed class FanOutQueue(
    InvocationQueue invocations, IFanOutStore store, FanOutDriver driver, WorkSignal signal, TimeProvider clock)
{
    /// <summary>Queues a fan-out; all of it is on disk when this returns.</summary>
    /// <param name="plan">Where.</param>
    /// <param name="payload">What each guest gets.</param>
    /// <param name="idempotencyKey">The caller's key, different for different callers; or null.</param>
    /// <param name="owner">The caller, or null where there is only one.</param>
    /// <param name="traceParent">The trace that it belongs to, or null.</param>
    /// <param name="maxAttempts">How often each region may be tried; null for what the registration there says.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PayloadTooLarge"/>.</exception>
    public async Task<EnqueuedFanOut> EnqueueAsync(
        FanOutPlan plan, ReadOnlyMemory<byte> payload, string? idempotencyKey, string? owner, string? traceParent, int? maxAttempts = null)
    {
        var queued = new List<NewInvocation>(plan.Regions.Length);
        foreach (var region in plan.Regions)
        {
            var invocation = InvocationQueue.Check(plan.Function, invocations.Place(plan.Function, region), payload);
            queued.Add(invocation with { Owner = owner, TraceParent = traceParent, MaxAttempts = maxAttempts ?? invocation.MaxAttempts });
        }

        var now = clock.GetUtcNow();
        var ids = plan.Regions.Select(_ => Guid.CreateVersion7(now)).ToImmutableArray();
        var stored = await store.AddAsync(
            new StoredFanOut
            {
                Id = Guid.CreateVersion7(now),
                Function = plan.Function,
                Mode = plan.Mode,
                Needed = plan.Needed,
                Invocations = ids,
                Unsure = [.. ids.Where((_, index) => plan.Unsure.Contains(plan.Regions[index]))],
                IdempotencyKey = idempotencyKey,
                Owner = owner,
                CreatedAt = now,
            },
            queued).ConfigureAwait(false);
        if (stored.IsNew)
        {
            signal.Raise();
            if (plan.EndsEarly)
            {
                driver.Drive(stored.Id);
            }
        }

        return stored;
    }
}
