using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Grains.Abstractions.Invocations;
using HeliosEdge.Grains.Invocations;
using Microsoft.Extensions.Hosting;

namespace HeliosEdge.Grains.FanOuts;

/// <summary>Says how durable fan-outs are, at once or when they are decided.</summary>
public sealed class FanOutLookup(IFanOutStore fanOuts, IInvocationStore invocations, FanOutWatch watch, IHostApplicationLifetime lifetime)
{
    /// <summary>Finds a fan-out, and waits until it is decided.</summary>
    /// <param name="id">The fan-out.</param>
    /// <param name="waitMs">Milliseconds to wait at most; 0 for not at all. A silo that is about to stop ends the wait.</param>
    /// <param name="maySee">Whether the caller may see what an owner queued.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if there is none with this id that the caller may see.</returns>
    public async Task<FanOutStatus?> FindAsync(Guid id, int waitMs, Func<string?, bool> maySee, CancellationToken cancellationToken)
    {
        if (await fanOuts.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } fanOut || !maySee(fanOut.Owner))
        {
            return null;
        }

        if (waitMs > 0 && !fanOut.IsDecided)
        {
            await LongPoll.WaitAsync(lifetime, (atMost, cancel) => watch.WaitAsync(id, atMost, cancel), waitMs, cancellationToken).ConfigureAwait(false);
        }

        var (regions, leftOut) = (ImmutableArray.CreateBuilder<InvocationStatus>(fanOut.Invocations.Length), 0);
        foreach (var invocation in fanOut.Invocations)
        {
            if (await invocations.FindAsync(invocation, cancellationToken).ConfigureAwait(false) is not { } stored)
            {
                continue;
            }

            if (fanOut.LeavesOut(stored))
            {
                leftOut++;
                continue;
            }

            regions.Add(stored.ToStatus(withResponse: true));
        }

        var needed = fanOut.NeededWithout(leftOut);
        return new FanOutStatus
        {
            Id = id,
            Function = fanOut.Function,
            Mode = fanOut.Mode,
            State = StateOf(needed, regions),
            Needed = needed,
            CreatedAt = fanOut.CreatedAt,
            ExpiresAt = fanOut.ExpiresAt,
            Regions = regions.DrainToImmutable(),
        };
    }

    // Where no region has the function nobody is needed, and nothing has succeeded either.
    private static FanOutState StateOf(int needed, IReadOnlyList<InvocationStatus> regions) =>
        regions.Count(region => region.State == InvocationState.Succeeded) >= Math.Max(needed, 1) ? FanOutState.Succeeded
        : regions.Any(region => region.State < InvocationState.Succeeded) ? FanOutState.Running
        : FanOutState.Failed;
}
