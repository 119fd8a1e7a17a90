using System.Net.Mime;
using System.Text.Json;
using HeliosEdge.Access.Keys;
using HeliosEdge.Federation;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Http;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Functions;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Problems;
using Microsoft.AspNetCore.Mvc;

namespace HeliosEdge.Silo.Federation;

/// <summary>Requests for functions that came to another silo.</summary>
internal static class PeerHttpEndpoint
{
    private static readonly AnswerForm Frame = new FrameForm();

    public static void MapPeerHttp(this WebApplication app) =>
        app.MapPost("/v1/peer/fn/{name}", AnswerAsync)
            .Needs(Scopes.Invoke)
            .WithTags("Peers")
            .WithName("answerForPeer")
            .WithSummary("Has a function answer an HTTP request that came to another silo.")
            .TakesBytes("Four bytes with the length of the head, little-endian, the head in JSON, and the body.")
            .AnswersBytes("The function's response, in the same form. One whose length is not stated is sent while the function writes it.")
            .ProducesInvocationProblems();

    private static async Task AnswerAsync(HttpContext http, string name, [FromQuery] string? region, InboundCalls calls)
    {
        // Who may send this header is decided before; a call changes nothing that the log of changes is for.
        if (!PeerRequest.IsOne(http.Request))
        {
            await http.WriteProblemAsync(Problem.Of(ErrorCodes.Forbidden, $"This is for other silos, which send {HeliosHeaders.Hops}; others use /fn/{name}."));
            return;
        }

        PeerRequest.AllowAnyPace(http);
        var call = calls.Open(http, name, region, failover: null);
        if (call.MayStream && !(http.Request.ContentLength <= StreamedRequest.SmallBytes + HttpFrame.MaxHeadBytes))
        {
            var (head, length) = await ReadHeadAsync(http);
            await call.AnswerWhileReadingAsync(head, http.Request.ContentLength - length, Frame);
            return;
        }

        var (request, body) = Read(await call.ReadBodyAsync("The body", HttpFrame.MaxHeadBytes));
        var stream = HttpMethods.IsHead(request.Method) ? null : new StreamedResponse();
        await call.AnswerAsync(call.Order(body, request, stream), Frame);
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

    /// <summary>The head as the form of messages between silos has it, then the body.</summary>
    private sealed class FrameForm : AnswerForm
    {
        public override ReadOnlyMemory<byte> Begin(HttpResponse response, HttpAnswer head)
        {
            response.ContentType = MediaTypeNames.Application.Octet;
            return HttpFrame.Write(head, PeerJson.Default.HttpAnswer);
        }

        public override async Task WriteAsync(HttpContext http, InvocationResult result, ReadOnlyMemory<byte> body)
        {
            var head = HttpFrame.Write(result.Http!, PeerJson.Default.HttpAnswer);
            http.Response.ContentType = MediaTypeNames.Application.Octet;
            http.Response.ContentLength = head.Length + body.Length;
            await http.Response.BodyWriter.WriteAsync(head, http.RequestAborted);
            await http.Response.BodyWriter.WriteAsync(body, http.RequestAborted);
        }
    }
}
