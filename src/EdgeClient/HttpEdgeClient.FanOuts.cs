using System.Diagnostics;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using HeliosEdge.Client.Wire;

namespace HeliosEdge.Client;

public sealed partial class HttpEdgeClient
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<RegionResult> FanOutAsync(
        string name, FanOutRequest fanOut, TimeSpan? deadline = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var request = FanOutCall(FunctionPath(name) + "/fanout", fanOut, new CallOptions { Deadline = deadline });
        await foreach (var line in _silo.SendForLinesAsync(request, EdgeJsonContext.Default.FanOutLine, cancellationToken).ConfigureAwait(false))
        {
            if (line.Summary is not null)
            {
                yield break;
            }

            yield return new RegionResult(line.Region ?? "", line.Status, line.DurationUs)
            {
                Body = line.Body,
                BodyBase64 = line.BodyBase64,
                Problem = line.Problem,
            };
        }

        throw new EdgeConnectionException(Address, $"The fan-out at {Address} broke off before its summary.");
    }

    /// <inheritdoc/>
    public async Task<FanOutHandle> EnqueueFanOutAsync(
        string name, FanOutRequest fanOut, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        var keyed = CallRetries.Keyed(options);
        var accepted = await CallRetries.RunAsync(
            keyed,
            mayHaveBegun: true,
            async cancel =>
            {
                using var request = FanOutCall(FunctionPath(name) + "/fanout-async", fanOut, keyed with { Deadline = null });
                return await _silo.SendForJsonAsync(request, EdgeJsonContext.Default.Accepted, cancel).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        return new FanOutHandle(this, accepted.Id);
    }

    /// <inheritdoc/>
    public Task<FanOutInfo> GetFanOutAsync(Guid id, TimeSpan wait = default, CancellationToken cancellationToken = default) => _silo.GetJsonAsync(
        $"v1/fanouts/{id:D}{WaitQuery(wait)}", EdgeJsonContext.Default.FanOutInfo, cancellationToken);

    private HttpRequestMessage FanOutCall(string path, FanOutRequest fanOut, CallOptions options)
    {
        ArgumentNullException.ThrowIfNull(fanOut);
        var request = _silo.Request(HttpMethod.Post, path);
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(
            new FanOutBody(fanOut.Regions ?? ["*"], fanOut.Mode, fanOut.Quorum, Convert.ToBase64String(fanOut.Payload.Span)),
            EdgeJsonContext.Default.FanOutBody));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        AddOptions(request, options, Stopwatch.GetTimestamp());
        return request;
    }
}
