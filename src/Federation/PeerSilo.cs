using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.ExceptionServices;
using HeliosEdge.Access.Keys;
using HeliosEdge.Sandbox;
using Microsoft.AspNetCore.Http;
using Polly;
using Polly.CircuitBreaker;

namespace HeliosEdge.Federation;

/// <summary>Another silo, with the regions that it serves. Used by many threads.</summary>
internal sealed class PeerSilo : IDisposable
{
    /// <summary>Silos that an invocation may pass after the first; more can only be a loop.</summary>
    public const int MaxHops = 3;

    /// <summary>How much of the latency so far one more measurement replaces.</summary>
    private const double Weight = 0.3;

    private readonly HttpMessageInvoker _http;
    private readonly CircuitBreakerManualControl _control = new();
    private readonly ResiliencePipeline<HttpResponseMessage> _circuit;
    private readonly PeerKey? _key;
    private readonly TimeProvider _clock;
    private readonly Lock _changes = new();
    private volatile PeerState _state = PeerState.Unknown;

    public PeerSilo(Uri address, ImmutableArray<string> regions, PeerKey? key, PeerTls tls, TimeProvider clock)
    {
        _http = new HttpMessageInvoker(PeerConnections.Open(tls));
        Address = address;
        Regions = regions;
        _key = key;
        _clock = clock;
        _circuit = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>().Handle<HttpRequestException>(IsPeersFault),
                FailureRatio = 0.5,
                MinimumThroughput = 4,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(2),
                ManualControl = _control,
            })
            .Build();
    }

    /// <summary>Its address.</summary>
    public Uri Address { get; }

    /// <summary>What a peer means that answers with 401 or 403.</summary>
    public const string Refusal = "it refuses this silo's peer key, or was shown neither key nor certificate that it knows";

    /// <summary>The regions that it is said to serve.</summary>
    public ImmutableArray<string> Regions { get; }

    /// <summary>What is known of it.</summary>
    public PeerState State => _state;

    /// <summary>A request of this silo, with what a peer must show.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Path and query, without a slash before it.</param>
    /// <param name="hops">Silos that the work passed before it came here.</param>
    /// <param name="traceParent">The trace that the work belongs to, where this process has none of its own.</param>
    /// <param name="traceState">What tracing systems added to it.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.LoopDetected"/>: it has passed too many.</exception>
    public HttpRequestMessage Request(HttpMethod method, string path, int hops = 0, string? traceParent = null, string? traceState = null)
    {
        if (hops >= MaxHops)
        {
            throw new SandboxException(
                ErrorCodes.LoopDetected, $"The invocation has passed {hops} silos, and would now be sent to {Address}; the limit is {MaxHops}. The silos' peers lead in a circle.")
            {
                Limit = MaxHops,
                Value = hops + 1,
            };
        }

        var request = new HttpRequestMessage(method, new Uri(Address, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.TryAddWithoutValidation(HeliosHeaders.Hops, (hops + 1).ToString(CultureInfo.InvariantCulture));
        if (_key is not null)
        {
            request.Headers.TryAddWithoutValidation(HeliosHeaders.PeerKey, _key.Text);
        }

        if (Activity.Current is null && traceParent is not null)
        {
            request.Headers.TryAddWithoutValidation("traceparent", traceParent);
            if (traceState is not null)
            {
                request.Headers.TryAddWithoutValidation("tracestate", traceState);
            }
        }

        return request;
    }

    /// <summary>Sends a request, unless the circuit is open.</summary>
    /// <returns>The answer, of which no more than the headers has come.</returns>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.RegionUnavailable"/>: it has not been sent. <see cref="ErrorCodes.PeerFailed"/>: it may have been.
    /// </exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        HttpResponseMessage response;
        try
        {
            response = await _circuit.ExecuteAsync(
                static async (work, token) => await work.Http.SendAsync(work.Request, token), (Http: _http, Request: request), cancel);
        }
        catch (BrokenCircuitException)
        {
            throw Unavailable(_state.Problem ?? "several requests in a row failed");
        }
        catch (HttpRequestException e) when (e.InnerException is BadHttpRequestException)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
        catch (HttpRequestException e) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancel);
        }
        catch (HttpRequestException e) when (WasNotSent(e))
        {
            throw Unavailable(e.GetBaseException().Message);
        }
        catch (HttpRequestException e)
        {
            throw new SandboxException(
                ErrorCodes.PeerFailed, $"The silo at {Address} was lost before it answered, and may have begun: {e.GetBaseException().Message}", e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested && e.InnerException is TimeoutException)
        {
            throw Unavailable("no connection in time");
        }

        // A silo that forbids no more than an engine names it, and takes this one for what it is.
        if (response.StatusCode is HttpStatusCode.Unauthorized
            || (response.StatusCode is HttpStatusCode.Forbidden && !response.Headers.NonValidated.Contains(HeliosHeaders.Engine)))
        {
            response.Dispose();
            throw Unavailable(Refusal);
        }

        lock (_changes)
        {
            _state = _state with { LastContact = _clock.GetUtcNow() };
        }

        return response;
    }

    /// <summary>Sends a request whether the circuit is open or not.</summary>
    public Task<HttpResponseMessage> ProbeAsync(HttpRequestMessage request, CancellationToken cancel) => _http.SendAsync(request, cancel);

    /// <summary>Takes note that it answered, and lets requests through again.</summary>
    /// <param name="latency">How long it took.</param>
    /// <param name="functions">How many functions each of its regions has.</param>
    /// <returns>Whether that is news.</returns>
    public async Task<bool> AnsweredAsync(TimeSpan latency, ImmutableDictionary<string, int> functions)
    {
        bool wasUp;
        lock (_changes)
        {
            wasUp = _state.IsUp == true;
            var measured = latency.TotalMilliseconds;
            _state = new PeerState(
                true,
                wasUp && _state.LatencyMs is { } before ? before + (Weight * (measured - before)) : measured,
                _clock.GetUtcNow(),
                null,
                functions);
        }

        if (!wasUp)
        {
            await _control.CloseAsync();
        }

        return !wasUp;
    }

    /// <summary>Takes note that it does not answer, and lets no request through until it does.</summary>
    /// <returns>Whether that is news.</returns>
    public async Task<bool> FailedAsync(string problem)
    {
        bool wasDown;
        lock (_changes)
        {
            wasDown = _state.IsUp == false;
            _state = _state with { IsUp = false, Problem = problem };
        }

        if (!wasDown)
        {
            await _control.IsolateAsync();
        }

        return !wasDown;
    }

    public void Dispose() => _http.Dispose();

    private static bool WasNotSent(HttpRequestException e) => e.HttpRequestError is
        HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
        or HttpRequestError.VersionNegotiationError or HttpRequestError.ProxyTunnelError;

    // Also what goes wrong with the body of the caller's request comes this way.
    private static bool IsPeersFault(HttpRequestException e) => e.InnerException is not BadHttpRequestException and not OperationCanceledException;

    private SandboxException Unavailable(string why) =>
        new(ErrorCodes.RegionUnavailable, $"{string.Join(", ", Regions)} at {Address} cannot be reached now: {why}.");
}
