using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.Placement;

/// <summary>
/// Places invocations: on this silo, on another one of the cluster, or in a peer's region. Another region is only tried where the invocation cannot
/// have begun in the one before.
/// </summary>
public sealed class InvocationRouter(FunctionCatalog catalog, ServedRegions served, IRegionPeers peers, FunctionHosts hosts, IRemoteFunctions others) : IInvocationPlacement
{
    /// <summary>Time after the caller's deadline in which whoever runs the guest can still say how far it came.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    public Task<PlacedInvocation> InvokeAsync(InvocationOrder order, CancellationToken cancellationToken = default) =>
        InvokeAsync(order, Candidates(order.Function, order.Region, order.Failover), cancellationToken);

    /// <summary>Runs an invocation in the first of some regions that takes it. Whatever goes wrong with it is in the result.</summary>
    /// <param name="order">The invocation.</param>
    /// <param name="candidates">What <see cref="Candidates"/> gave for it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<PlacedInvocation> InvokeAsync(
        InvocationOrder order, ImmutableArray<string> candidates, CancellationToken cancellationToken = default)
    {
        PlacedInvocation? last = null;
        foreach (var region in candidates)
        {
            var result = order.LeftMs <= 0 ? DeadlinePassed(order) : await InvokeInAsync(region, order, cancellationToken).ConfigureAwait(false);
            last = new PlacedInvocation(region, result);
            if (!MayTryNext(order, result))
            {
                break;
            }
        }

        return last ?? throw new ArgumentException("There is no region to try.", nameof(candidates));
    }

    /// <summary>The regions to try, in order; at least one.</summary>
    /// <param name="function">The function's name.</param>
    /// <param name="stated">Where it is to run; null for the preferred region here that serves it, else the nearest one elsewhere.</param>
    /// <param name="failover">The regions to try in this order where the one before cannot be reached.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.RegionNotFound"/> or <see cref="ErrorCodes.FunctionNotFound"/>.</exception>
    public ImmutableArray<string> Candidates(string function, string? stated, ImmutableArray<string> failover)
    {
        foreach (var region in failover)
        {
            Require(region);
        }

        if (stated is not null)
        {
            Require(stated);
            return failover.IsEmpty ? [stated] : [stated, .. failover];
        }

        if (Preferred(function) is { } local)
        {
            return [local];
        }

        ImmutableArray<string> elsewhere = [.. peers.Nearest.Select(peer => peer.Region).Union(failover)];
        return !elsewhere.IsEmpty ? elsewhere : throw new SandboxException(
            ErrorCodes.FunctionNotFound,
            catalog.Contains(function)
                ? $"The function \"{function}\" is registered in {string.Join(", ", catalog.Find(function).Regions)}, none of which this silo serves."
                : $"No function \"{Names.Shorten(function)}\" is registered.");
    }

    /// <summary>The result of an invocation that was not answered by the caller's deadline.</summary>
    public static InvocationResult DeadlinePassed(InvocationOrder order) => new()
    {
        Fault = new InvocationFault
        {
            Code = ErrorCodes.Timeout,
            Message = $"The caller's deadline of {order.PatienceMs} ms passed before there was an answer.",
            Limit = order.PatienceMs,
        },
    };

    private static bool MayTryNext(InvocationOrder order, InvocationResult result) => result.Fault?.Code switch
    {
        ErrorCodes.RegionUnavailable => true,
        ErrorCodes.FunctionNotFound => order.Region is null,
        _ => false,
    };

    private async Task<InvocationResult> InvokeInAsync(string region, InvocationOrder order, CancellationToken cancellationToken)
    {
        if (order.LeftMs is not { } left)
        {
            return await DispatchAsync(region, order, cancellationToken).ConfigureAwait(false);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromMilliseconds(Math.Max(0, left)) + Grace);
        try
        {
            var result = await DispatchAsync(region, order, deadline.Token).WaitAsync(deadline.Token).ConfigureAwait(false);
            return result.Fault?.Code == ErrorCodes.Cancelled && !cancellationToken.IsCancellationRequested ? DeadlinePassed(order) : result;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return DeadlinePassed(order);
        }
    }

    private async Task<InvocationResult> DispatchAsync(string region, InvocationOrder order, CancellationToken cancellationToken)
    {
        if (!served.Contains(region))
        {
            return await peers.Find(region)!.InvokeAsync(order, cancellationToken).ConfigureAwait(false);
        }

        var call = new FunctionCall { Payload = order.Payload, PatienceMs = order.LeftMs is { } left ? Math.Max(1, left) : null, Http = order.Http };
        try
        {
            if (served.Own.Contains(region))
            {
                return await hosts.InvokeAsync(region, order.Function, call, order.Stream, cancellationToken).ConfigureAwait(false);
            }

            // What comes with the body goes with the call.
            if (order.Stream?.Request is { } coming)
            {
                call = call with { Payload = await coming.WholeAsync(catalog.MaxPayloadBytes(order.Function), cancellationToken).ConfigureAwait(false) };
            }

            return await others.InvokeAsync(region, order.Function, call, order.Stream, cancellationToken).ConfigureAwait(false);
        }
        catch (SandboxException e) when (e.Code is ErrorCodes.RegionUnavailable or ErrorCodes.PeerFailed or ErrorCodes.PayloadTooLarge)
        {
            // No silo of this region is up, or the one that was asked went away; or the body is too large, of which nothing has run.
            return new InvocationResult { Fault = Faults.Of(e) };
        }
    }

    /// <summary>Refuses a region that neither this silo nor a peer serves.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.RegionNotFound"/>, naming those that are known.</exception>
    public void Require(string region)
    {
        if (!served.Contains(region) && peers.Find(region) is null)
        {
            if (peers.Nearest.IsEmpty)
            {
                served.Require(region);
            }

            throw new SandboxException(
                ErrorCodes.RegionNotFound,
                $"No region \"{Names.Shorten(region)}\" is known; this silo serves {string.Join(", ", served.Names)}, "
                + $"and knows {string.Join(", ", peers.Nearest.Select(peer => peer.Region).Order(StringComparer.Ordinal))} elsewhere.");
        }
    }

    private string? Preferred(string function)
    {
        if (catalog.Contains(function))
        {
            var regions = catalog.Find(function).Regions;
            foreach (var region in served.Names)
            {
                if (regions.Contains(region))
                {
                    return region;
                }
            }
        }

        return null;
    }
}
