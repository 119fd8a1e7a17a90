using System.Collections.Immutable;
using System.Text.Json;
using HeliosEdge.Access.Keys;
using HeliosEdge.Federation;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Http;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Functions;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Problems;
using Microsoft.AspNetCore.Mvc;

namespace HeliosEdge.Silo.Federation;

/// <summary>Requests for functions that came to another silo.</summary>
internal static class PeerHttpEndpoint
{
    private const string OctetStream = "application/octet-stream";

    public static void MapPeerHttp(this WebApplication app) =>
        app.MapPost("/v1/peer/fn/{name}", AnswerAsync)
            .Needs(Scopes.Invoke)
            .WithTags("Peers")
            .WithName("answerForPeer")
            .WithSummary("Has a function answer an HTTP request that came to another silo.")
            .TakesBytes("Four bytes with the length of the head, little-endian, the head in JSON, and the body.")
            .AnswersBytes("The function's response, in the same form. One whose length is not stated is sent while the function writes it.")
            .ProducesInvocationProblems();

    private static async Task AnswerAsync(
        HttpContext http,
        string name,
        [FromQuery] string? region,
        FunctionCatalog catalog,
        ServedRegions regions,
        InvocationRouter router,
        SandboxPolicy policy)
    {
        // Who may send this header is decided before; a call changes nothing that the log of changes is for.
        if (!PeerRequest.IsOne(http.Request))
        {
            await http.WriteProblemAsync(Problem.Of(ErrorCodes.Forbidden, $"This is for other silos, which send {HeliosHeaders.Hops}; others use /fn/{name}."));
            return;
        }

        PeerRequest.AllowAnyPace(http);
        var terms = CallTerms.Of(http.Request);
        var order = new InvocationOrder
        {
            Function = name,
            Region = region,
            PatienceMs = terms.DeadlineMs,
            Hops = terms.Hops,
            TraceParent = terms.TraceParent,
            TraceState = terms.TraceState,
        };
        var candidates = router.Candidates(order);
        var limit = regions.Contains(candidates[0]) ? catalog.MaxPayloadBytes(name) : policy.Ceiling.MaxPayloadBytes;
        if (candidates.Length == 1 && !(http.Request.ContentLength <= StreamedRequest.SmallBytes + HttpFrame.MaxHeadBytes))
        {
            var (head, length) = await ReadHeadAsync(http);
            var bodyLength = http.Request.ContentLength - length;
            RequestBody.ThrowIfTooLarge(bodyLength, limit, ErrorCodes.PayloadTooLarge, "The body");
            var both = new StreamedResponse { Request = new StreamedRequest(bodyLength) };
            await using var feed = new RequestFeed(http, both.Request, limit);
            await RunAsync(http, order with { Http = head, Stream = both }, candidates, both, router, feed);
            return;
        }

        var message = await RequestBody.ReadAsync(http.Request, limit + HttpFrame.MaxHeadBytes, ErrorCodes.PayloadTooLarge, "The body");
        var (request, body) = Read(message);
        var stream = HttpMethods.IsHead(request.Method) ? null : new StreamedResponse();
        order = order with { Http = request, Stream = stream, Payload = body };
        await RunAsync(http, order, candidates, stream, router, null);
    }

    private static async Task RunAsync(
        HttpContext http, InvocationOrder order, ImmutableArray<string> candidates, StreamedResponse? stream, InvocationRouter router, RequestFeed? feed)
    {
        var running = router.InvokeAsync(order, candidates, http.RequestAborted);
        if (stream is not null && await StreamedAnswer.HasBegunAsync(stream, running))
        {
            http.Response.ContentType = OctetStream;
            await StreamedAnswer.PassOnAsync(
                http, order.Function, stream, running, HttpFrame.Write((await stream.Begun).Result.Http!, PeerJson.Default.HttpAnswer));
            return;
        }

        var (ranIn, result) = await running;
        if (result.Fault is not null)
        {
            feed?.ThrowIfRefused();
        }

        InvocationAnswer.Tell(http.Response, ranIn, result);
        if (result.Fault is { } fault)
        {
            await http.WriteProblemAsync(Problem.Of(fault));
            return;
        }

        var answer = HttpFrame.Write(result.Http!, PeerJson.Default.HttpAnswer);
        var response = stream is { Begun.IsCompleted: true } ? await stream.WholeAsync() : result.Response;
        http.Response.ContentType = OctetStream;
        http.Response.ContentLength = answer.Length + response.Length;
        await http.Response.BodyWriter.WriteAsync(answer, http.RequestAborted);
        await http.Response.BodyWriter.WriteAsync(response, http.RequestAborted);
    }

    private static (HttpCall Head, ReadOnlyMemory<byte> Body) Read(ReadOnlyMemory<byte> message)
    {
        try
        {
            return HttpFrame.Read(message, PeerJson.Default.HttpCall);
        }
        catch (JsonException e)
        {
            throw NoMessage(e);
        }
    }

    private static async Task<(HttpCall Head, int Length)> ReadHeadAsync(HttpContext http)
    {
        try
        {
            return await HttpFrame.ReadHeadAsync(http.Request.Body, PeerJson.Default.HttpCall, http.RequestAborted);
        }
        catch (Exception e) when (e is JsonException or EndOfStreamException)
        {
            throw NoMessage(e);
        }
    }

    private static SandboxException NoMessage(Exception e) =>
        new(ErrorCodes.InvalidParameter, $"The body is no message of a silo: {e.Message}", e);
}
