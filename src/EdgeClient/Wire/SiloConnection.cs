using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HeliosEdge.Client.Wire;

/// <summary>Sends requests to one silo and turns every way they can fail into an <see cref="EdgeException"/>.</summary>
internal sealed class SiloConnection
{
    private readonly HttpClient _http;
    private readonly Uri _base;
    private readonly AuthenticationHeaderValue? _authorization;

    public SiloConnection(HttpClient http, Uri address, string? key)
    {
        _authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        _http = http;
        Address = address;

        // Without the slash, a relative path would replace the last segment of a silo behind a path prefix.
        _base = address.AbsolutePath.EndsWith('/') ? address : new UriBuilder(address) { Path = address.AbsolutePath + '/' }.Uri;
    }

    public Uri Address { get; }

    public HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(_base, path));
        if (_authorization is not null)
        {
            request.Headers.Authorization = _authorization;
        }

        return request;
    }

    public async Task<T> GetJsonAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, path);
        return await SendForJsonAsync(request, type, cancellationToken).ConfigureAwait(false);
    }

    public async Task<T> SendForJsonAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(body, type)
                ?? throw new EdgeInvalidResponseException(response.StatusCode, $"{Describe(request)} was answered with the JSON value null.");
        }
        catch (JsonException e)
        {
            throw new EdgeInvalidResponseException(
                response.StatusCode, $"{Describe(request)} was answered with JSON that is not the expected: {e.Message}", e);
        }
    }

    public async Task<byte[]> SendForBytesAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<T> SendAsync<T>(
        HttpRequestMessage request, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return await read(response, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads lines of JSON as they come.</summary>
    public async IAsyncEnumerable<T> SendForLinesAsync<T>(
        HttpRequestMessage request, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await SendAsync(request, cancellationToken, HttpCompletionOption.ResponseHeadersRead).ConfigureAwait(false);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
        while (await ReadLineAsync(request, reader, cancellationToken).ConfigureAwait(false) is { } line)
        {
            T? value;
            try
            {
                value = JsonSerializer.Deserialize(line, type);
            }
            catch (JsonException e)
            {
                throw new EdgeInvalidResponseException(
                    response.StatusCode, $"{Describe(request)} was answered with a line that is not the expected: {e.Message}", e);
            }

            yield return value
                ?? throw new EdgeInvalidResponseException(response.StatusCode, $"{Describe(request)} was answered with the JSON value null.");
        }
    }

    private async Task<string?> ReadLineAsync(HttpRequestMessage request, StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new EdgeConnectionException(Address, $"The answer of {Address} to {Describe(request)} broke off: {Innermost(e)}", e);
        }
    }

    private static string Describe(HttpRequestMessage request) => $"{request.Method} {request.RequestUri!.PathAndQuery}";

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        HttpResponseMessage response;
        try
        {
            // Most bodies are buffered here, within HttpClient.MaxResponseContentBufferSize, so that a connection
            // that breaks in the middle of it is told apart from a body that is wrong.
            response = await _http.SendAsync(request, completion, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw Translate(request, e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EdgeConnectionException(
                Address, $"{Describe(request)} at {Address} was not answered within {_http.Timeout.TotalSeconds} s.", e);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await ReadProblemAsync(request, response, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<EdgeException> ReadProblemAsync(
        HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (JsonSerializer.Deserialize(body, EdgeJsonContext.Default.Problem) is { Code: { Length: > 0 } code } problem)
            {
                return problem.ToException(code, response.StatusCode);
            }
        }
        catch (JsonException e)
        {
            return NoProblem(e);
        }

        return NoProblem(null);

        EdgeInvalidResponseException NoProblem(JsonException? cause)
        {
            var mediaType = response.Content.Headers.ContentType?.MediaType ?? "no content type";
            return new EdgeInvalidResponseException(
                response.StatusCode,
                $"{Describe(request)} was answered with status {(int)response.StatusCode} and {body.Length} bytes ({mediaType}) that are no problem details with a code.",
                cause);
        }
    }

    private EdgeException Translate(HttpRequestMessage request, HttpRequestException e)
    {
        // HttpClient wraps an error within the body ("Error while copying content to a stream").
        var error = e.InnerException is HttpIOException inner ? inner.HttpRequestError : e.HttpRequestError;
        switch (error)
        {
            case HttpRequestError.InvalidResponse:
            case HttpRequestError.HttpProtocolError:
            case HttpRequestError.VersionNegotiationError:
                return new EdgeInvalidResponseException(
                    e.StatusCode, $"{Describe(request)} at {Address} was not answered as HTTP demands: {Innermost(e)}", e);
            case HttpRequestError.ConfigurationLimitExceeded:
                return new EdgeInvalidResponseException(
                    e.StatusCode, $"{Describe(request)} at {Address} was answered with more than this client accepts: {Innermost(e)}", e);
            default:
                return new EdgeConnectionException(Address, $"No answer from {Address}: {Innermost(e)}", e);
        }
    }

    private static string Innermost(Exception e) => e.GetBaseException().Message;
}
