using System.Diagnostics;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using HeliosEdge.EdgeClient.Wire;

namespace HeliosEdge.EdgeClient;

public sealed partial class EdgeClient
{
    private const string IdempotencyHeader = "Idempotency-Key";
    private const string DeadlineHeader = "X-Helios-Deadline-Ms";

    /// <summary>Invokes a function as <paramref name="options"/> say, and waits for its response.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="region">The region that shall run it; null leaves the choice to the silo.</param>
    /// <param name="payload">The bytes that the guest gets; may be empty.</param>
    /// <param name="options">Idempotency key, deadline, repeats.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The bytes that the guest answered.</returns>
    /// <exception cref="EdgeException">
    /// As without options; also with the code <c>idempotency_key_reused</c>: the key belongs to a call with another payload.
    /// </exception>
    /// <exception cref="EdgeTimeoutException">Also: the deadline has passed.</exception>
    public Task<byte[]> InvokeEdgeFunctionAsync(
        string name, string? region, ReadOnlyMemory<byte> payload, CallOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var started = Stopwatch.GetTimestamp();
        return CallRetries.RunAsync(
            options,
            options.IdempotencyKey is not null,
            async cancel =>
            {
                using var request = Call(FunctionPath(name) + "/invoke" + RegionQuery(region, options.Failover), payload, options, started);
                return await _silo.SendForBytesAsync(request, cancel).ConfigureAwait(false);
            },
            cancellationToken);
    }

    /// <summary>Queues an invocation. It is on the silo's disk when this returns, and runs whatever happens to the silo or the caller.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="region">The region that shall run it; null leaves the choice to the silo.</param>
    /// <param name="payload">The bytes that the guest gets; may be empty.</param>
    /// <param name="options">
    /// Idempotency key, deadline of the queueing, repeats. Without a key one is made up, so that a repeat never queues it twice.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>What to ask for the result by.</returns>
    /// <exception cref="EdgeFunctionNotFoundException">There is no function of that name, or not in that region.</exception>
    /// <exception cref="EdgeRegionNotFoundException">The silo does not know that region.</exception>
    /// <exception cref="EdgePayloadTooLargeException">The payload is larger than the function accepts.</exception>
    public async Task<InvocationHandle> InvokeAsyncAsync(
        string name, string? region, ReadOnlyMemory<byte> payload, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        var keyed = Keyed(options);
        var accepted = await CallRetries.RunAsync(
            keyed,
            mayHaveBegun: true,
            async cancel =>
            {
                using var request = Call(FunctionPath(name) + "/invoke-async" + RegionQuery(region), payload, keyed with { Deadline = null }, 0);
                return await _silo.SendForJsonAsync(request, EdgeJsonContext.Default.Accepted, cancel).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        return new InvocationHandle(this, accepted.Id);
    }

    /// <summary>An asynchronous invocation that was queued before, by its id. Nothing is sent.</summary>
    /// <param name="id">The id.</param>
    public InvocationHandle Invocation(Guid id) => new(this, id);

    /// <summary>Lists asynchronous invocations in one state, the earliest accepted first, page by page as the sequence is enumerated.</summary>
    /// <param name="state">The state, such as <see cref="InvocationState.Dead"/>.</param>
    /// <param name="function">Only those of this function; null for all.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The invocations, without their results.</returns>
    public async IAsyncEnumerable<InvocationInfo> ListInvocationsAsync(
        InvocationState state, string? function = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Guid? after = null;
        do
        {
            var path = $"v1/invocations?state={state.ToString().ToLowerInvariant()}"
                + (function is null ? "" : $"&function={Uri.EscapeDataString(function)}")
                + (after is null ? "" : $"&after={after:D}");
            var page = await _silo.GetJsonAsync(path, EdgeJsonContext.Default.InvocationPage, cancellationToken).ConfigureAwait(false);
            foreach (var invocation in page.Invocations)
            {
                yield return invocation;
            }

            after = page.Next;
        }
        while (after is not null);
    }

    /// <summary>Queues a dead invocation again, with all of its attempts.</summary>
    /// <param name="id">The invocation.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>How it is now.</returns>
    /// <exception cref="EdgeException">With the code <c>invocation_not_found</c> or <c>not_dead</c>.</exception>
    public async Task<InvocationInfo> RetryInvocationAsync(Guid id, CancellationToken cancellationToken = default)
    {
        using var request = _silo.Request(HttpMethod.Post, $"v1/invocations/{id:D}/retry");
        return await _silo.SendForJsonAsync(request, EdgeJsonContext.Default.InvocationInfo, cancellationToken).ConfigureAwait(false);
    }

    internal Task<InvocationInfo> GetInvocationAsync(Guid id, string? wait, CancellationToken cancellationToken) => _silo.GetJsonAsync(
        $"v1/invocations/{id:D}" + (wait is null ? "" : $"?wait={wait}"), EdgeJsonContext.Default.InvocationInfo, cancellationToken);

    internal async Task<InvocationInfo> CancelInvocationAsync(Guid id, CancellationToken cancellationToken)
    {
        using var request = _silo.Request(HttpMethod.Delete, $"v1/invocations/{id:D}");
        return await _silo.SendForJsonAsync(request, EdgeJsonContext.Default.InvocationInfo, cancellationToken).ConfigureAwait(false);
    }

    private static CallOptions Keyed(CallOptions? options)
    {
        options ??= new CallOptions();
        return options.IdempotencyKey is null ? options with { IdempotencyKey = Guid.NewGuid().ToString("N") } : options;
    }

    private static string RegionQuery(string? region, IReadOnlyList<string> failover) => failover.Count == 0
        ? RegionQuery(region)
        : $"{RegionQuery(region)}{(region is null ? '?' : '&')}failover={Uri.EscapeDataString(string.Join(',', failover))}";

    private static string RegionQuery(string? region) => region is null ? "" : "?region=" + Uri.EscapeDataString(region);

    private static void AddOptions(HttpRequestMessage request, CallOptions options, long startedAt)
    {
        if (options.IdempotencyKey is { } key)
        {
            request.Headers.Add(IdempotencyHeader, key);
        }

        if (CallRetries.Header(options, startedAt) is { } deadline)
        {
            request.Headers.Add(DeadlineHeader, deadline);
        }
    }

    private HttpRequestMessage Call(string path, ReadOnlyMemory<byte> payload, CallOptions options, long startedAt)
    {
        var request = _silo.Request(HttpMethod.Post, path);
        request.Content = new ReadOnlyMemoryContent(payload);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        request.Headers.ExpectContinue = payload.Length > ExpectContinueBytes;
        AddOptions(request, options, startedAt);
        return request;
    }
}
