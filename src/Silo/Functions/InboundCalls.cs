using System.Collections.Immutable;
using HeliosEdge.Federation;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Silo.Functions;

/// <summary>Takes calls of functions in that come over HTTP, by whichever endpoint.</summary>
internal sealed class InboundCalls(FunctionCatalog catalog, ServedRegions served, InvocationRouter router, SandboxPolicy policy)
{
    /// <summary>Reads what the head of a request says of its call.</summary>
    /// <param name="http">The request.</param>
    /// <param name="function">The function's name.</param>
    /// <param name="region">Where it is to run; null for the best region there is.</param>
    /// <param name="failover">The regions to try where the one before cannot be reached, with ',' between; null for none.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>.</exception>
    public InboundCall Open(HttpContext http, string function, string? region, string? failover) =>
        new(this, http, function, region, failover, CallTerms.Of(http.Request));

    /// <summary>The regions to try, in order; at least one.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.RegionNotFound"/> or <see cref="ErrorCodes.FunctionNotFound"/>.</exception>
    public ImmutableArray<string> RegionsFor(InboundCall call) => router.Candidates(call.Function, call.Region, call.Failover);

    /// <summary>Bytes that the body of a call may have which is placed in a region.</summary>
    public int MaxBodyBytes(string function, string region) => served.Contains(region) ? catalog.MaxPayloadBytes(function) : policy.Ceiling.MaxPayloadBytes;

    /// <summary>Bytes that the body of a call may have, wherever it is placed and whether or not the function is there.</summary>
    public int MaxBodyBytes(string function) => catalog.Contains(function) ? catalog.MaxPayloadBytes(function) : policy.Ceiling.MaxPayloadBytes;

    /// <summary>Runs a call in the first of its regions that takes it.</summary>
    public Task<PlacedInvocation> RunAsync(InvocationOrder order, ImmutableArray<string> regions, CancellationToken cancellationToken) =>
        router.InvokeAsync(order, regions, cancellationToken);
}
