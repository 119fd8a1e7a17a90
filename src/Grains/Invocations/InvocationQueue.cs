using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Invocations;

/// <summary>Takes asynchronous invocations in: checked first, then on disk, then acknowledged.</summary>
public sealed class InvocationQueue(
    IInvocationStore store,
    FunctionCatalog catalog,
    ServedRegions served,
    IRegionPeers peers,
    SandboxPolicy policy,
    WorkSignal signal)
{
    /// <summary>The region in which an invocation is to run, and the payload that it may have there.</summary>
    /// <param name="function">The function's name.</param>
    /// <param name="region">The region; null for the first that is served here and has the function, else the nearest peer.</param>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.RegionNotFound"/> or <see cref="ErrorCodes.FunctionNotFound"/>. A peer's functions are not known here:
    /// whether it has this one shows when it is run.
    /// </exception>
    public QueuePlace Place(string function, string? region)
    {
        if (region is null)
        {
            region = catalog.Contains(function) || peers.Nearest.IsEmpty
                ? served.Names.FirstOrDefault(catalog.Find(function).Regions.Contains)
                : peers.Nearest[0].Region;
            region ??= catalog.Find(function).Regions[0];
        }

        if (peers.Find(region) is not null && !served.Contains(region))
        {
            Names.Require("The function name", function);
            return new QueuePlace(region, policy.Ceiling.MaxPayloadBytes, InvocationAttempts.Default);
        }

        served.Require(region);
        var found = catalog.Find(region, function);
        return new QueuePlace(region, found.Limits.MaxPayloadBytes, found.MaxAttempts);
    }

    /// <summary>Queues an invocation; it is on disk when this returns.</summary>
    /// <param name="function">The function's name.</param>
    /// <param name="place">Where it is to run.</param>
    /// <param name="payload">What the guest gets.</param>
    /// <param name="idempotencyKey">The caller's key, different for different callers; or null.</param>
    /// <param name="owner">The caller, or null where there is only one.</param>
    /// <param name="traceParent">The trace that it belongs to, or null.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PayloadTooLarge"/>.</exception>
    public async Task<EnqueuedInvocation> EnqueueAsync(
        string function, QueuePlace place, ReadOnlyMemory<byte> payload, string? idempotencyKey, string? owner, string? traceParent)
    {
        var invocation = Check(function, place, payload) with { IdempotencyKey = idempotencyKey, Owner = owner, TraceParent = traceParent };

        // Not to be given up on once begun: the caller could not know whether it is queued.
        var queued = await store.EnqueueAsync(invocation).ConfigureAwait(false);
        if (queued.IsNew)
        {
            signal.Raise();
        }

        return queued;
    }

    /// <summary>The invocation that would be queued.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PayloadTooLarge"/>.</exception>
    public static NewInvocation Check(string function, QueuePlace place, ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > place.MaxPayloadBytes)
        {
            throw new SandboxException(
                ErrorCodes.PayloadTooLarge, $"The payload has {payload.Length} bytes; the limit is {place.MaxPayloadBytes} bytes.")
            {
                Limit = place.MaxPayloadBytes,
                Value = payload.Length,
            };
        }

        return new NewInvocation { Function = function, Region = place.Region, Payload = payload, MaxAttempts = place.MaxAttempts };
    }

    /// <summary>Queues a dead invocation again.</summary>
    /// <returns>False if it is not dead.</returns>
    public async Task<bool> RequeueAsync(Guid id)
    {
        var isQueued = await store.RequeueAsync(id).ConfigureAwait(false);
        if (isQueued)
        {
            signal.Raise();
        }

        return isQueued;
    }
}
