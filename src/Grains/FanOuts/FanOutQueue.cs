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
    /// <param name="traceParent">The trace that it belongs to, or null.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PayloadTooLarge"/>.</exception>
    public async Task<(Guid Id, bool IsNew)> EnqueueAsync(FanOutPlan plan, ReadOnlyMemory<byte> payload, string? idempotencyKey, string? traceParent)
    {
        var queued = plan.Regions
            .Select(region => InvocationQueue.Check(plan.Function, invocations.Place(plan.Function, region), payload) with { TraceParent = traceParent })
            .ToList();
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
