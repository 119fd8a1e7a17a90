using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;

namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>A request in which nothing is left that could make it other than it looks.</summary>
internal sealed record CheckedRequest
{
    private const int MaxMethod = 32;

    // Those that the fetch standard (2.2.1) has in capitals, however they are written.
    private static readonly FrozenSet<string> Capitals = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT");

    private CheckedRequest(HttpMethod method, Uri url, ImmutableArray<KeyValuePair<string, string>> headers, ReadOnlyMemory<byte> body)
    {
        Method = method;
        Url = url;
        Headers = headers;
        Body = body;
    }

    public HttpMethod Method { get; private init; }

    public Uri Url { get; private init; }

    private ImmutableArray<KeyValuePair<string, string>> Headers { get; init; }

    private ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Checks a guest's request.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.HttpRequestInvalid"/>, <see cref="ErrorCodes.HttpRequestTooLarge"/>.</exception>
    public static CheckedRequest Of(OutboundHttpRequest request, int maxBodyBytes)
    {
        if (request.Method.Length > MaxMethod || !HttpToken.Is(request.Method))
        {
            throw Invalid($"has the method \"{Quoted.Of(request.Method)}\", which is not a method of HTTP");
        }

        var method = new HttpMethod(Capitals.TryGetValue(request.Method, out var capitals) ? capitals : request.Method);
        if (method == HttpMethod.Connect || method == HttpMethod.Trace)
        {
            throw Invalid($"has the method {method}, which guests may not use");
        }

        if (request.Url.Length > OutboundUrl.MaxLength)
        {
            throw SandboxException.Breach(
                ErrorCodes.HttpRequestInvalid, "The HTTP request has a URL of", OutboundUrl.MaxLength, request.Url.Length, "characters");
        }

        if (!OutboundUrl.TryParse(request.Url, out var url, out var why))
        {
            throw Invalid($"has a URL that {why}");
        }

        RequestHeaders.Check(request.Headers);
        return request.Body.Length <= maxBodyBytes
            ? new CheckedRequest(method, url, request.Headers, request.Body)
            : throw SandboxException.Breach(
                ErrorCodes.HttpRequestTooLarge, "The HTTP request has a body of", maxBodyBytes, request.Body.Length, "bytes");
    }

    /// <summary>The message to send.</summary>
    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(Method, Url)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (!Body.IsEmpty || Method == HttpMethod.Post || Method == HttpMethod.Put || Method == HttpMethod.Patch)
        {
            message.Content = new ReadOnlyMemoryContent(Body);
        }

        foreach (var (name, value) in Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                message.Content ??= new ReadOnlyMemoryContent(default);
                message.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return message;
    }

    /// <summary>The request that a response asks for instead of this one, as the fetch standard has it (section 4.4).</summary>
    /// <returns>That request, or null if the response is no redirect.</returns>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.HttpFailed"/>: the redirect cannot be followed.</exception>
    public CheckedRequest? Redirected(HttpResponseMessage response)
    {
        var status = response.StatusCode;
        if (status is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
            || !response.Headers.NonValidated.TryGetValues("Location", out var values))
        {
            return null;
        }

        if (!OutboundUrl.TryResolve(Url, values.ToString(), out var next, out var why))
        {
            throw Failed($"a URL that {why}");
        }

        if (Url.Scheme == Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttps)
        {
            throw Failed($"{next.Scheme}, away from https");
        }

        var headers = Headers;
        if (!(next.Scheme == Url.Scheme && next.Port == Url.Port && next.IdnHost == Url.IdnHost))
        {
            headers = headers.RemoveAll(header => RequestHeaders.IsCredential(header.Key));
        }

        var becomesGet = status == HttpStatusCode.SeeOther ? Method != HttpMethod.Get && Method != HttpMethod.Head
            : status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found && Method == HttpMethod.Post;
        return becomesGet
            ? new CheckedRequest(HttpMethod.Get, next, headers.RemoveAll(header => RequestHeaders.DescribesBody(header.Key)), default)
            : this with { Url = next, Headers = headers };

        SandboxException Failed(string where) => new(ErrorCodes.HttpFailed, $"{Quoted.Of(Url.IdnHost)} redirects to {where}; that is not followed.");
    }

    private static SandboxException Invalid(string what) => new(ErrorCodes.HttpRequestInvalid, $"The HTTP request {what}.");
}
