using System.Collections.Immutable;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Federation;

/// <summary>A region of another silo, over HTTP/2.</summary>
internal sealed class HttpRegionPeer(string region, PeerSilo silo, SandboxPolicy policy) : IRegionPeer
{
    private const string OctetStream = "application/octet-stream";

    // What belongs to a connection, or is set by whoever answers.
    private static readonly ImmutableArray<string> Passed =
        [HeliosHeaders.Region, HeliosHeaders.Duration, HeliosHeaders.Version, HeliosHeaders.ModuleHash, "Retry-After"];

    public string Region => region;

    public PeerSilo Silo => silo;

    public bool IsReachable => silo.State.IsUp != false;

    public async Task<InvocationResult> InvokeAsync(InvocationOrder order, CancellationToken cancellationToken)
    {
        try
        {
            if (order.Http is { } http)
            {
                return await AnswerAsync(order, http, cancellationToken);
            }

            using var request = Request(order, new ReadOnlyMemoryContent(order.Payload));
            using var response = await silo.SendAsync(request, cancellationToken);
            return await PeerAnswer.ResultAsync(response, silo, policy.Ceiling.MaxResponseBytes, cancellationToken);
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
        var content = new StreamContent(http.Request.Body);
        content.Headers.ContentLength = http.Request.ContentLength;
        using var request = Request(order, content);
        await ForwardAsync(http, request, cancel);
    }

    /// <summary>Asks the other silo what was asked here, and passes its answer on.</summary>
    /// <exception cref="SandboxException">As <see cref="PeerSilo.SendAsync"/>, while nothing has been answered.</exception>
    public async Task ForwardAsync(HttpContext http, HttpMethod method, string path, CallTerms terms)
    {
        using var request = silo.Request(method, path, terms.Hops, terms.TraceParent, terms.TraceState);
        await ForwardAsync(http, request, http.RequestAborted);
    }

    private async Task ForwardAsync(HttpContext http, HttpRequestMessage request, CancellationToken cancel)
    {
        using var response = await silo.SendAsync(request, cancel);
        http.Response.StatusCode = (int)response.StatusCode;
        http.Response.ContentType = response.Content.Headers.ContentType?.ToString() ?? OctetStream;
        http.Response.ContentLength = response.Content.Headers.ContentLength;
        foreach (var name in Passed)
        {
            if (response.Headers.TryGetValues(name, out var values))
            {
                http.Response.Headers[name] = values.ToArray();
            }
        }

        await response.Content.CopyToAsync(http.Response.Body, cancel);
    }

    private async Task<InvocationResult> AnswerAsync(InvocationOrder order, HttpCall http, CancellationToken cancel)
    {
        var head = HttpFrame.Write(http, ApiJson.Default.HttpCall);
        var message = new byte[head.Length + order.Payload.Length];
        head.CopyTo(message, 0);
        order.Payload.CopyTo(message.AsMemory(head.Length));
        using var request = Request(order, new ByteArrayContent(message), $"v1/peer/fn/{Uri.EscapeDataString(order.Function)}");
        using var response = await silo.SendAsync(request, cancel);
        var result = await PeerAnswer.ResultAsync(response, silo, policy.Ceiling.MaxResponseBytes + HttpFrame.MaxHeadBytes, cancel);
        if (result.Fault is not null)
        {
            return result;
        }

        try
        {
            var (answer, body) = HttpFrame.Read(result.Response, ApiJson.Default.HttpAnswer);
            return result with { Http = answer, Response = body };
        }
        catch (JsonException e)
        {
            throw new SandboxException(ErrorCodes.PeerFailed, $"{silo.Address} answered what is no message of a silo: {e.Message}", e);
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
        if (order.PatienceMs is { } patience)
        {
            request.Headers.Add(HeliosHeaders.Deadline, patience.ToString(CultureInfo.InvariantCulture));
        }

        content.Headers.ContentType = new MediaTypeHeaderValue(OctetStream);
        request.Content = content;
        return request;
    }
}
