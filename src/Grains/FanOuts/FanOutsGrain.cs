using System.Diagnostics;
using System.Runtime.CompilerServices;
using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Invocations;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Grains.FanOuts;

/// <summary>
/// Takes fan-outs from callers within the cluster, for the classes that this silo's own HTTP calls go through. Reentrant, since it has no state; one activation is all that a silo needs, and it
/// stays while answers are fetched from it.
/// </summary>
[Reentrant]
[StatelessWorker(1, removeIdleWorkers: false)]
public sealed class FanOutsGrain(FanOutPlanner planner, FanOutRunner runner, KeyedFanOuts queue, FanOutLookup lookup) : Grain, IFanOutsGrain
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<FanOutPart> RunAsync(FanOutOrder order, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var arrived = Stopwatch.GetTimestamp();
        var (plan, refusal) = TryPlan(order);
        if (plan is null)
        {
            yield return new FanOutPart { Refusal = refusal };
            yield break;
        }

        var invocation = new InvocationOrder
        {
            Function = order.Function,
            Payload = order.Payload,
            PatienceMs = order.PatienceMs,
            Since = arrived,
            TraceParent = order.TraceParent,
        };
        await foreach (var answer in runner.RunAsync(plan, invocation, cancellationToken))
        {
            yield return new FanOutPart { Answer = answer };
        }
    }

    /// <inheritdoc/>
    public async Task<Acceptance> EnqueueAsync(FanOutOrder order)
    {
        try
        {
            var queued = await queue.EnqueueAsync(CallKey.OfOnlyCaller(order.IdempotencyKey), Plan(order), order.Payload, owner: null, order.TraceParent);
            return new Acceptance { Id = queued.Id };
        }
        catch (SandboxException e)
        {
            return new Acceptance { Refusal = Faults.Of(e) };
        }
    }

    /// <inheritdoc/>
    public Task<FanOutStatus?> GetAsync(Guid id, int waitMs, CancellationToken cancellationToken) =>
        lookup.FindAsync(id, waitMs, static _ => true, cancellationToken);

    private (FanOutPlan? Plan, InvocationFault? Refusal) TryPlan(FanOutOrder order)
    {
        try
        {
            CallPatience.Require(order.PatienceMs);
            return (Plan(order), null);
        }
        catch (SandboxException e)
        {
            return (null, Faults.Of(e));
        }
    }

    private FanOutPlan Plan(FanOutOrder order)
    {
        var plan = planner.Plan(order.Function, order.Regions.IsDefault ? [] : order.Regions, order.Mode, order.Quorum);
        plan.Require(order.Payload);
        return plan;
    }
}
