using System.Diagnostics;
using HeliosEdge.Access.Keys;
using HeliosEdge.Federation;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Invocations;
using HeliosEdge.Silo.Problems;
using Microsoft.AspNetCore.Mvc;

namespace HeliosEdge.Silo.Functions;

/// <summary>Invocations over HTTP.</summary>
internal static class InvokeEndpoint
{
    private const string OctetStream = "application/octet-stream";

    /// <summary>Time after the caller's deadline in which the peer can still say how far the guest came.</summary>
    private const int GraceMs = 50;

    public static void MapInvoke(this WebApplication app) =>
        app.MapPost("/v1/functions/{name}/invoke", InvokeAsync)
            .Needs(Scopes.Invoke)
            .WithTags("Functions")
            .WithName("invokeFunction")
            .WithSummary("Calls a function in a region.")
            .WithDescription(
                $"The body is the payload, the answer's body the response, both as bytes. Without a region, the silo's first one that serves the function is taken, else the nearest one elsewhere that does. failover names regions, separated by ',', that are tried in this order where the one before can not be reached. The header {HeliosHeaders.Deadline} says how many milliseconds the caller will wait. The answer's headers {HeliosHeaders.Region}, {HeliosHeaders.Duration}, {HeliosHeaders.Version} and {HeliosHeaders.ModuleHash} tell where, how long and which version with which module ran.")
            .TakesBytes("The payload.")
            .AnswersBytes("The function's response.")
            .ProducesInvocationProblems();

    private static async Task InvokeAsync(
        HttpContext http,
        string name,
        [FromQuery] string? region,
        [FromQuery] string? failover,
        FunctionCatalog catalog,
        ServedRegions regions,
        HttpRegionPeers peers,
        InvocationRouter router,
        KeyedInvocations keyed,
        SandboxPolicy policy)
    {
        var arrived = Stopwatch.GetTimestamp();
        PeerRequest.AllowAnyPace(http);
        var terms = CallTerms.Of(http.Request);
        var order = new InvocationOrder
        {
            Function = name,
            Region = region,
            Failover = failover is null ? [] : [.. failover.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
            PatienceMs = terms.DeadlineMs,
            Hops = terms.Hops,
            TraceParent = terms.TraceParent,
            TraceState = terms.TraceState,
        };
        if (IdempotencyKey.Of(http) is { } key)
        {
            // What the key holds is answered even where the function is gone.
            var most = catalog.Contains(name) ? catalog.MaxPayloadBytes(name) : policy.Ceiling.MaxPayloadBytes;
            order = await ReadAsync(http, order, arrived, most);
            var answer = await keyed.InvokeAsync(key, order, http.RequestAborted);
            if (answer.IsReplay)
            {
                http.Response.Headers[HeliosHeaders.IdempotentReplay] = "true";
            }

            await WriteAsync(http, answer.Region, answer.Result);
            return;
        }

        var candidates = router.Candidates(order);
        if (candidates.Length == 1 && peers.FindRegion(candidates[0]) is { } peer)
        {
            await ForwardAsync(http, peer, order);
            return;
        }

        var limit = regions.Contains(candidates[0]) ? catalog.MaxPayloadBytes(name) : policy.Ceiling.MaxPayloadBytes;
        order = await ReadAsync(http, order, arrived, limit);
        var (ranIn, result) = await router.InvokeAsync(order, candidates, http.RequestAborted);
        await WriteAsync(http, ranIn, result);
    }

    /// <summary>Reads the payload, which takes of the time that the caller will wait.</summary>
    private static async Task<InvocationOrder> ReadAsync(HttpContext http, InvocationOrder order, long arrived, int limit)
    {
        var payload = await RequestBody.ReadAsync(http.Request, limit, ErrorCodes.PayloadTooLarge, "The payload");
        return order with
        {
            Payload = payload,
            PatienceMs = order.PatienceMs is { } deadline ? deadline - (int)Stopwatch.GetElapsedTime(arrived).TotalMilliseconds : null,
        };
    }

    private static async Task WriteAsync(HttpContext http, string ranIn, InvocationResult result)
    {
        var response = http.Response;
        InvocationAnswer.Tell(response, ranIn, result);
        if (result.Fault is { } fault)
        {
            await http.WriteProblemAsync(Problem.Of(fault));
            return;
        }

        response.ContentType = OctetStream;
        response.ContentLength = result.Response.Length;
        await response.BodyWriter.WriteAsync(result.Response, http.RequestAborted);
    }

    // Nothing else could be tried, so nothing need be kept.
    private static async Task ForwardAsync(HttpContext http, HttpRegionPeer peer, InvocationOrder order)
    {
        if (order.PatienceMs is not { } patience)
        {
            await peer.ForwardAsync(http, order, http.RequestAborted);
            return;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        deadline.CancelAfter(patience + GraceMs);
        try
        {
            await peer.ForwardAsync(http, order, deadline.Token);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested && !http.Response.HasStarted)
        {
            http.Response.Clear();
            http.Response.Headers[HeliosHeaders.Region] = peer.Region;
            await http.WriteProblemAsync(Problem.Of(InvocationRouter.DeadlinePassed(order).Fault!));
        }
    }
}
