using HeliosEdge.Grains.Invocations;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.FanOuts;

/// <summary>Takes durable fan-outs in: an invocation for each region, then the fan-out itself, then the acknowledgement.</summary>
public sealed class FanOutQueue(
    InvocationQueue invocations, IFanOutStore store, FanOutDriver driver, InvocationLifetime lifetime, TimeProvider clock)
{
    /// <summary>What the keys of the invocations begin with, so that they meet no key of an invocation by itself.</summary>
    private const string KeyPrefix = "fanout:";

    /// <summary>
    /// Queues a fan-out; all of it is on disk when this returns. Before, its invocations may be queued without it: with an idempotency key,
    /// a caller who saw no answer finds the same ones again.
    /// </summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PayloadTooLarge"/>.</exception>
    public async Task<(Guid Id, bool IsNew)> EnqueueAsync(FanOutPlan plan, ReadOnlyMemory<byte> payload, string? idempotencyKey)
    {
        var places = plan.Regions.Select(region => invocations.Place(plan.Function, region)).ToList();
        var queued = await Task.WhenAll(places.Select(place => invocations.EnqueueAsync(
            plan.Function, place, payload, idempotencyKey is null ? null : KeyPrefix + idempotencyKey))).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var stored = await store.AddAsync(new StoredFanOut
        {
            Id = Guid.CreateVersion7(now),
            Function = plan.Function,
            Mode = plan.Mode,
            Needed = plan.Needed,
            Invocations = [.. queued.Select(invocation => invocation.Id)],
            IdempotencyKey = idempotencyKey,
            CreatedAt = now,
            ExpiresAt = now + lifetime.OfResults,
        }).ConfigureAwait(false);
        if (stored.IsNew && plan.EndsEarly)
        {
            driver.Drive(stored.Id);
        }

        return stored;
    }
}
