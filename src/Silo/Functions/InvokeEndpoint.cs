using System.Net.Mime;
using HeliosEdge.Access.Keys;
using HeliosEdge.Federation;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Invocations;
using HeliosEdge.Silo.Problems;
using Microsoft.AspNetCore.Mvc;

namespace HeliosEdge.Silo.Functions;

/// <summary>Invocations over HTTP.</summary>
internal static class InvokeEndpoint
{
    private static readonly AnswerForm Bytes = new BytesForm();

    /// <summary>Time after the caller's deadline in which the peer can still say how far the guest came.</summary>
    private const int GraceMs = 50;

    public static void MapInvoke(this WebApplication app) =>
        app.MapPost("/v1/functions/{name}/invoke", InvokeAsync)
            .Needs(Scopes.Invoke)
            .WithTags("Functions")
            .WithName("invokeFunction")
            .WithSummary("Calls a function in a region.")
            .WithDescription(
                $"The body is the payload, the answer's body the response, both as bytes. Without a region, the silo's first one that serves the function is taken, else the nearest one elsewhere that does. failover names regions, separated by ',', that are tried in this order where the one before cannot be reached. The header {HeliosHeaders.Deadline} says how many milliseconds the caller will wait. The answer's headers {HeliosHeaders.Region}, {HeliosHeaders.Duration}, {HeliosHeaders.Version}, {HeliosHeaders.ModuleHash} and {HeliosHeaders.Engine} tell where, how long and which version with which module ran, and on which engine.")
            .TakesBytes("The payload.")
            .AnswersBytes("The function's response.")
            .ProducesInvocationProblems();

    private static async Task InvokeAsync(
        HttpContext http, string name, [FromQuery] string? region, [FromQuery] string? failover, InboundCalls calls, HttpRegionPeers peers, KeyedInvocations keyed)
    {
        PeerRequest.AllowAnyPace(http);
        var call = calls.Open(http, name, region, failover);
        if (IdempotencyKey.Of(http) is { } key)
        {
            await call.AnswerKeyedAsync(keyed, key, call.Order(await call.ReadKeyedBodyAsync("The payload")), Bytes);
            return;
        }

        if (call.MayStream && peers.FindRegion(call.Regions[0]) is { } peer)
        {
            await ForwardAsync(http, peer, call.Order(default));
            return;
        }

        await call.AnswerAsync(call.Order(await call.ReadBodyAsync("The payload")), Bytes);
    }

    // Nothing else could be tried, so nothing need be kept.
    private static async Task ForwardAsync(HttpContext http, HttpRegionPeer peer, InvocationOrder order)
    {
        if (order.LeftMs is not { } left)
        {
            await peer.ForwardAsync(http, order, http.RequestAborted);
            return;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        deadline.CancelAfter(Math.Max(0, left) + GraceMs);
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

    private sealed class BytesForm : AnswerForm
    {
        public override ReadOnlyMemory<byte> Begin(HttpResponse response, HttpAnswer head) =>
            throw new InvalidOperationException("What is no HTTP request has no head to begin its answer with.");

        public override Task WriteAsync(HttpContext http, InvocationResult result, ReadOnlyMemory<byte> body)
        {
            http.Response.ContentType = MediaTypeNames.Application.Octet;
            http.Response.ContentLength = body.Length;
            return http.Response.BodyWriter.WriteAsync(body, http.RequestAborted).AsTask();
        }
    }
}
