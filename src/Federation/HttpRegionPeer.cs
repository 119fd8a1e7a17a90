using System.Collections.Immutable;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Mime;
using System.Text.Json;
using HeliosEdge.Federation.Deployments;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Http;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;
using Microsoft.AspNetCore.Http;

namespace HeliosEdge.Federation;

/// <summary>A region of another silo, over HTTP/2.</summary>
internal sealed class HttpRegionPeer(string region, PeerSilo silo, SandboxPolicy policy, IDeploymentStore deployments) : IRegionPeer
{
    /// <summary>Bytes of a body up to which waiting for all of it costs nothing.</summary>
    private const int SmallBytes = 16 << 10;

    // What belongs to a connection, or is set by whoever answers.
    private static readonly ImmutableArray<string> Passed =
        [HeliosHeaders.Region, HeliosHeaders.Duration, HeliosHeaders.Version, HeliosHeaders.ModuleHash, HeliosHeaders.Engine, "Retry-After"];

    public string Region => region;

    public PeerSilo Silo => silo;

    public bool IsReachable => silo.State.IsUp != false;

    public async Task<InvocationResult> InvokeAsync(InvocationOrder order, CancellationToken cancellationToken)
    {
        try
        {
            var result = order.Http is { } http
                ? await AnswerAsync(order, http, cancellationToken)
                : await ResultAsync(order, cancellationToken);
            if (result.Fault?.Code == ErrorCodes.FunctionNotFound
                && await deployments.FindAsync(order.Function, silo.Address.AbsoluteUri) is { State: DeploymentState.Pending })
            {
                throw new SandboxException(
                    ErrorCodes.RegionUnavailable, $"The function \"{order.Function}\" is still on its way to {region} at {silo.Address}.");
            }

            return result;
        }
        catch (SandboxException e)
        {
            return new InvocationResult
            {
                Fault = new InvocationFault { Code = e.Code, Message = e.Message, Limit = e.Limit, Value = e.Value },
            };
        }
    }

    /// <summary>Passes a request on and the answer back, both as they come.</summary>
    /// <exception cref="SandboxException">As <see cref="PeerSilo.SendAsync"/>, while nothing has been answered.</exception>
    public async Task ForwardAsync(HttpContext http, InvocationOrder order, CancellationToken cancel)
    {
        using var request = Request(order, await ContentAsync(http.Request, cancel));
        await ForwardAsync(http, request, cancel);
    }

    /// <summary>Asks the other silo what was asked here, and passes its answer on.</summary>
    /// <exception cref="SandboxException">As <see cref="PeerSilo.SendAsync"/>, while nothing has been answered.</exception>
    public async Task ForwardAsync(HttpContext http, HttpMethod method, string path, CallTerms terms)
    {
        using var request = silo.Request(method, path, terms.Hops, terms.TraceParent, terms.TraceState);
        await ForwardAsync(http, request, http.RequestAborted);
    }

    /// <summary>The body as it comes; a small one, which has most often come already, in one piece.</summary>
    private static async ValueTask<HttpContent> ContentAsync(HttpRequest request, CancellationToken cancel)
    {
        if (request.ContentLength is not { } length || length > SmallBytes)
        {
            var content = new StreamContent(request.Body);
            content.Headers.ContentLength = request.ContentLength;
            return content;
        }

        var bytes = GC.AllocateUninitializedArray<byte>((int)length);
        await request.Body.ReadExactlyAsync(bytes, cancel);
        return new ReadOnlyMemoryContent(bytes);
    }

    private async Task ForwardAsync(HttpContext http, HttpRequestMessage request, CancellationToken cancel)
    {
        using var response = await silo.SendAsync(request, cancel);
        http.Response.StatusCode = (int)response.StatusCode;
        http.Response.ContentType = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type) ? type.ToString() : MediaTypeNames.Application.Octet;
        http.Response.ContentLength = response.Content.Headers.ContentLength;
        foreach (var name in Passed)
        {
            if (response.Headers.NonValidated.TryGetValues(name, out var values))
            {
                http.Response.Headers[name] = values.ToString();
            }
        }

        await response.Content.CopyToAsync(http.Response.Body, cancel);
    }

    private async Task<InvocationResult> ResultAsync(InvocationOrder order, CancellationToken cancel)
    {
        using var request = Request(order, new ReadOnlyMemoryContent(order.Payload));
        using var response = await silo.SendAsync(request, cancel);
        return await PeerAnswer.ResultAsync(response, silo, policy.Ceiling.MaxResponseBytes, cancel);
    }

    private async Task<InvocationResult> AnswerAsync(InvocationOrder order, HttpCall http, CancellationToken cancel)
    {
        var stream = order.Stream;
        using var request = Request(order, Message(order, http, stream), $"v1/peer/fn/{Uri.EscapeDataString(order.Function)}");
        using var response = await silo.SendAsync(request, cancel);
        try
        {
            // What is whole already has a length.
            if (response.IsSuccessStatusCode && response.Content.Headers.ContentLength is null && stream is not null)
            {
                return await PassOnAsync(response, stream, cancel);
            }

            var result = await PeerAnswer.ResultAsync(response, silo, policy.Ceiling.MaxResponseBytes + HttpFrame.MaxHeadBytes, cancel);
            if (result.Fault is not null)
            {
                return result;
            }

            var (answer, body) = HttpFrame.Read(result.Response, PeerJson.Default.HttpAnswer);
            return result with { Http = answer, Response = body };
        }
        catch (JsonException e)
        {
            throw new SandboxException(ErrorCodes.PeerFailed, $"{silo.Address} answered what is no message of a silo: {e.Message}", e);
        }
    }

    private static HttpContent Message(InvocationOrder order, HttpCall http, StreamedResponse? stream)
    {
        var head = HttpFrame.Write(http, PeerJson.Default.HttpCall);
        if (stream?.Request is { } coming)
        {
            return new FrameContent(head, coming);
        }

        var message = new byte[head.Length + order.Payload.Length];
        head.CopyTo(message, 0);
        order.Payload.CopyTo(message.AsMemory(head.Length));
        return new ByteArrayContent(message);
    }

    /// <summary>Gives the receiver what comes, no faster than it is taken: the rest stays with the other silo, and holds the guest up there.</summary>
    private async Task<InvocationResult> PassOnAsync(HttpResponseMessage response, StreamedResponse stream, CancellationToken cancel)
    {
        var limit = policy.Ceiling.MaxResponseBytes;
        PipeWriter? body = null;
        try
        {
            await using var message = await response.Content.ReadAsStreamAsync(cancel);
            var (head, _) = await HttpFrame.ReadHeadAsync(message, PeerJson.Default.HttpAnswer, cancel);
            var result = PeerAnswer.Told(response) with { Http = head };
            body = stream.Begin(new PlacedInvocation(region, result));
            for (long length = 0; await message.ReadAsync(body.GetMemory(SmallBytes), cancel) is var count and > 0;)
            {
                length += count;
                if (length > limit)
                {
                    throw PeerAnswer.TooLarge(silo, limit, length);
                }

                body.Advance(count);
                if ((await body.FlushAsync(cancel)).IsCompleted)
                {
                    throw new SandboxException(ErrorCodes.Cancelled, "Nobody takes the response any more.");
                }
            }

            return result;
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw PeerAnswer.Lost(silo, e);
        }
        finally
        {
            if (body is not null)
            {
                await body.CompleteAsync();
            }
        }
    }

    private HttpRequestMessage Request(InvocationOrder order, HttpContent content, string? path = null)
    {
        var request = silo.Request(
            HttpMethod.Post,
            $"{path ?? $"v1/functions/{Uri.EscapeDataString(order.Function)}/invoke"}?region={Uri.EscapeDataString(region)}",
            order.Hops,
            order.TraceParent,
            order.TraceState);
        if (order.LeftMs is { } left)
        {
            request.Headers.TryAddWithoutValidation(HeliosHeaders.Deadline, Math.Max(1, left).ToString(CultureInfo.InvariantCulture));
        }

        content.Headers.TryAddWithoutValidation("Content-Type", MediaTypeNames.Application.Octet);
        request.Content = content;
        return request;
    }
}
