using System.Diagnostics;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using HeliosEdge.EdgeClient.Wire;

namespace HeliosEdge.EdgeClient;

public sealed partial class EdgeClient
{
    /// <summary>
    /// Calls a function in many regions at once. The call is made when the sequence is enumerated; each region's result comes as soon as it is there. Leaving
    /// the enumeration interrupts the guests that still run.
    /// </summary>
    /// <param name="name">The function's name.</param>
    /// <param name="fanOut">Where, and when it is done.</param>
    /// <param name="deadline">How long each region may take; null for the silo's default.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The results in the order in which they came; a region that failed is a result with <see cref="RegionResult.Problem"/>.</returns>
    /// <exception cref="EdgeFunctionNotFoundException">There is no function of that name, or not in one of the regions.</exception>
    /// <exception cref="EdgeRegionNotFoundException">The silo does not know one of the regions.</exception>
    /// <exception cref="EdgePayloadTooLargeException">The payload is larger than the function accepts.</exception>
    /// <exception cref="EdgeConnectionException">The answer broke off before its end.</exception>
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

    /// <summary>Queues a call in many regions under one id. All of it is on the silo's disk when this returns.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="fanOut">Where, and when it is done.</param>
    /// <param name="options">Idempotency key, deadline of the queueing, repeats. Without a key one is made up, so that a repeat never queues it twice.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>What to ask for the results by.</returns>
    /// <exception cref="EdgeFunctionNotFoundException">There is no function of that name, or not in one of the regions.</exception>
    /// <exception cref="EdgeRegionNotFoundException">The silo does not know one of the regions.</exception>
    public async Task<FanOutHandle> FanOutDurableAsync(
        string name, FanOutRequest fanOut, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        var keyed = Keyed(options);
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

    /// <summary>A durable fan-out that was queued before, by its id. Nothing is sent.</summary>
    /// <param name="id">The id.</param>
    public FanOutHandle FanOut(Guid id) => new(this, id);

    internal Task<FanOutInfo> GetFanOutAsync(Guid id, string? wait, CancellationToken cancellationToken) => _silo.GetJsonAsync(
        $"v1/fanouts/{id:D}" + (wait is null ? "" : $"?wait={wait}"), EdgeJsonContext.Default.FanOutInfo, cancellationToken);

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
