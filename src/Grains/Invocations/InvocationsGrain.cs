using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Invocations;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Grains.Invocations;

/// <summary>Takes calls from callers within the cluster, for the classes that this silo's own HTTP calls go through. Reentrant, since it has no state.</summary>
[Reentrant]
[StatelessWorker(1, removeIdleWorkers: false)]
public sealed class InvocationsGrain(
    IInvocationPlacement placement, KeyedInvocations keyed, InvocationQueue queue, InvocationLookup lookup, IInvocationWatch watch, IInvocationStore store)
    : Grain, IInvocationsGrain
{
    /// <inheritdoc/>
    public async Task<InvocationAnswer> InvokeAsync(InvocationRequest request, CancellationToken cancellationToken)
    {
        try
        {
            CallPatience.Require(request.PatienceMs);
            var order = new InvocationOrder
            {
                Function = request.Function,
                Region = request.Region,
                Failover = request.Failover.IsDefault ? [] : request.Failover,
                Payload = request.Payload,
                PatienceMs = request.PatienceMs,
                TraceParent = request.TraceParent,
                TraceState = request.TraceState,
            };
            if (CallKey.OfOnlyCaller(request.IdempotencyKey) is { } key)
            {
                var answer = await keyed.InvokeAsync(key, order, cancellationToken);
                return new InvocationAnswer { Region = answer.Region, Result = answer.Result, IsReplay = answer.IsReplay };
            }

            var (region, result) = await placement.InvokeAsync(order, cancellationToken);
            return new InvocationAnswer { Region = region, Result = result };
        }
        catch (SandboxException e)
        {
            return new InvocationAnswer { Result = new InvocationResult { Fault = Faults.Of(e) } };
        }
    }

    /// <inheritdoc/>
    public async Task<Acceptance> EnqueueAsync(InvocationRequest request)
    {
        try
        {
            var place = queue.Place(request.Function, request.Region);
            var accepted = await keyed.EnqueueAsync(
                CallKey.OfOnlyCaller(request.IdempotencyKey), request.Function, request.Region, place, request.Payload, owner: null, request.TraceParent);
            return new Acceptance { Id = accepted.Id };
        }
        catch (SandboxException e)
        {
            return new Acceptance { Refusal = Faults.Of(e) };
        }
    }

    /// <inheritdoc/>
    public async Task<InvocationStatus?> GetAsync(Guid id, int waitMs, CancellationToken cancellationToken) =>
        (await lookup.FindAsync(id, waitMs, static _ => true, cancellationToken))?.ToStatus(withResponse: true);

    /// <inheritdoc/>
    public async Task<InvocationStatus?> CancelAsync(Guid id) =>
        await watch.CancelAsync(id) ? (await store.FindAsync(id))?.ToStatus(withResponse: false) : null;
}
