using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using Orleans;

namespace HeliosEdge.Grains.Placement;

/// <summary>
/// Places invocations: in a region that this silo serves, or in a peer's. Another region is only tried where the invocation can not
/// have begun in the one before.
/// </summary>
public sealed class InvocationRouter(FunctionCatalog catalog, ServedRegions served, IRegionPeers peers, IGrainFactory grains) : IInvocationPlacement
{
    /// <inheritdoc/>
    public async Task<PlacedInvocation> InvokeAsync(InvocationOrder order, CancellationToken cancellationToken = default)
    {
        PlacedInvocation? last = null;
        foreach (var region in Candidates(order))
        {
            last = new PlacedInvocation(region, await InvokeInAsync(region, order, cancellationToken).ConfigureAwait(false));
            if (!MayTryNext(order, last.Result))
            {
                break;
            }
        }

        return last ?? throw new SandboxException(
            ErrorCodes.FunctionNotFound, $"No function \"{Names.Shorten(order.Function)}\" is registered here, and there is no peer to ask.");
    }

    /// <summary>The regions to try, in order.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.RegionNotFound"/>.</exception>
    public IEnumerable<string> Candidates(InvocationOrder order)
    {
        if (order.Region is { } region)
        {
            return order.Failover.Prepend(region).Select(Require).ToList();
        }

        return catalog.Contains(order.Function)
            ? [Preferred(catalog.Find(order.Function))]
            : peers.Nearest.Select(peer => peer.Region);
    }

    private static bool MayTryNext(InvocationOrder order, InvocationResult result) => result.Fault?.Code switch
    {
        ErrorCodes.RegionUnavailable => true,
        ErrorCodes.FunctionNotFound => order.Region is null,
        _ => false,
    };

    private async Task<InvocationResult> InvokeInAsync(string region, InvocationOrder order, CancellationToken cancellationToken)
    {
        if (served.Contains(region))
        {
            var call = new FunctionCall { Payload = order.Payload, PatienceMs = order.PatienceMs };
            return await grains.GetGrain<IEdgeFunctionGrain>(FunctionKey.For(region, order.Function)).InvokeAsync(call, cancellationToken).ConfigureAwait(false);
        }

        return await peers.Find(region)!.InvokeAsync(order with { Region = region, Failover = [] }, cancellationToken).ConfigureAwait(false);
    }

    private string Require(string region)
    {
        if (!served.Contains(region) && peers.Find(region) is null)
        {
            served.Require(region);
        }

        return region;
    }

    private string Preferred(FunctionDescription function)
    {
        foreach (var region in served.Names)
        {
            if (function.Regions.Contains(region))
            {
                return region;
            }
        }

        throw new SandboxException(
            ErrorCodes.FunctionNotFound,
            $"The function \"{function.Name}\" is registered in {string.Join(", ", function.Regions)}, none of which this silo serves.");
    }
}
