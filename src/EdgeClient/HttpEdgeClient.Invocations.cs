using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using HeliosEdge.Client.Wire;

namespace HeliosEdge.Client;

public sealed partial class HttpEdgeClient
{
    private const string IdempotencyHeader = "Idempotency-Key";
    private const string AnyBytes = "application/octet-stream";
    private const string DeadlineHeader = "X-Helios-Deadline-Ms";

    /// <inheritdoc/>
    public Task<EdgeResponse> InvokeAsync(
        string name, string? region, ReadOnlyMemory<byte> payload, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new CallOptions();
        return CallAsync(FunctionPath(name) + "/invoke" + RegionQuery(region, options.Failover), payload, AnyBytes, options, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<InvocationHandle> EnqueueAsync(
        string name, string? region, ReadOnlyMemory<byte> payload, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        var keyed = CallRetries.Keyed(options);
        var accepted = await CallRetries.RunAsync(
            keyed,
            mayHaveBegun: true,
            async cancel =>
            {
                using var request = Call(FunctionPath(name) + "/invoke-async" + RegionQuery(region), payload, AnyBytes, keyed with { Deadline = null }, 0);
                return await _silo.SendForJsonAsync(request, EdgeJsonContext.Default.Accepted, cancel).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        return new InvocationHandle(this, accepted.Id);
    }

    /// <inheritdoc/>
    public Task<InvocationInfo> GetInvocationAsync(Guid id, TimeSpan wait = default, CancellationToken cancellationToken = default) => _silo.GetJsonAsync(
        $"v1/invocations/{id:D}{WaitQuery(wait)}", EdgeJsonContext.Default.InvocationInfo, cancellationToken);

    /// <inheritdoc/>
    public async Task<InvocationInfo> CancelInvocationAsync(Guid id, CancellationToken cancellationToken = default)
    {
        using var request = _silo.Request(HttpMethod.Delete, $"v1/invocations/{id:D}");
        return await _silo.SendForJsonAsync(request, EdgeJsonContext.Default.InvocationInfo, cancellationToken).ConfigureAwait(false);
    }

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

    private static string WaitQuery(TimeSpan wait)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(wait, TimeSpan.Zero);
        return wait == TimeSpan.Zero ? "" : string.Create(CultureInfo.InvariantCulture, $"?wait={(long)wait.TotalMilliseconds}ms");
    }

    private static string RegionQuery(string? region, IReadOnlyList<string> failover) => failover.Count == 0
        ? RegionQuery(region)
        : $"{RegionQuery(region)}{(region is null ? '?' : '&')}failover={Uri.EscapeDataString(string.Join(',', failover))}";

    private static string RegionQuery(string? region) => region is null ? "" : "?region=" + Uri.EscapeDataString(region);

    private static void AddOptions(HttpRequestMessage request, CallOptions options, long startedAt)
    {
        if (options.IdempotencyKey is { } key)
        {
            if (key.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            {
                // The silo would say so, if a header could get there with it.
                throw new EdgeException("invalid_parameter", null, "The idempotency key has characters that are not printable ASCII.");
            }

            request.Headers.Add(IdempotencyHeader, key);
        }

        if (CallRetries.Remaining(options, startedAt) is { } deadline)
        {
            request.Headers.Add(DeadlineHeader, deadline.ToString(CultureInfo.InvariantCulture));
        }
    }

    private Task<EdgeResponse> CallAsync(
        string path, ReadOnlyMemory<byte> payload, string contentType, CallOptions options, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        return CallRetries.RunAsync(
            options,
            options.IdempotencyKey is not null,
            async cancel =>
            {
                using var request = Call(path, payload, contentType, options, started);
                return await _silo.SendAsync(request, InvocationHeaders.ReadAsync, cancel).ConfigureAwait(false);
            },
            cancellationToken);
    }

    private HttpRequestMessage Call(string path, ReadOnlyMemory<byte> payload, string contentType, CallOptions options, long startedAt)
    {
        var request = _silo.Request(HttpMethod.Post, path);
        request.Content = new ReadOnlyMemoryContent(payload);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        request.Headers.ExpectContinue = payload.Length > ExpectContinueBytes;
        AddOptions(request, options, startedAt);
        return request;
    }
}
