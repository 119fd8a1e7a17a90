using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using HeliosEdge.Sandbox.Execution;

namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>
/// Sends guests' requests over sockets. Names are resolved here, each address is judged, and the socket connects to an address that was
/// judged, so that no name can be resolved twice with different results. Redirects are new requests: each hop is judged like the first.
/// There is no proxy, no store of cookies, no decompression and no authentication of the silo's own.
/// </summary>
public sealed class OutboundHttp : IOutboundHttp, IDisposable
{
    private const int MaxResponseHeadersKiB = 32;
    private const int ReadBytes = 16_384;
    private static readonly TimeSpan LongestPatience = TimeSpan.FromHours(1);

    private readonly OutboundHttpOptions _options;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly HttpMessageInvoker _client;
    private readonly RequestsUnderWay _underWay = new();

    /// <summary>Makes the sender; one serves all functions of a silo.</summary>
    /// <param name="options">What the operator sets; null for the defaults.</param>
    public OutboundHttp(OutboundHttpOptions? options = null)
        : this(options ?? new OutboundHttpOptions(), Dns.GetHostAddressesAsync)
    {
    }

    internal OutboundHttp(OutboundHttpOptions options, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
    {
        _options = options;
        _resolve = resolve;
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectCallback = ConnectAsync,
            ConnectTimeout = options.ConnectTimeout,

            // A response that is given up on costs its connection: where it ends may be what is wrong with it.
            MaxResponseDrainSize = 0,
            MaxResponseHeadersLength = MaxResponseHeadersKiB,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            SslOptions = new ServerTrust(options.Authorities).Options(),
            UseCookies = false,
            UseProxy = false,
        });
    }

    /// <inheritdoc/>
    public int MaxRequestBytes => _options.MaxRequestBytes;

    /// <inheritdoc/>
    public OutboundHttpResponse Send(OutboundHttpRequest request, OutboundHttpSender sender, TimeSpan patience, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(sender);
        var first = CheckedRequest.Of(request, _options.MaxRequestBytes);
        CheckHost(first.Url, sender.AllowedHosts);
        if (patience <= TimeSpan.Zero)
        {
            throw Late();
        }

        // The wait has an end of its own: cancelling needs a thread of the pool, and they may all be busy.
        patience = patience < LongestPatience ? patience : LongestPatience;
        _underWay.Begin(sender);
        var sending = SendAsync(first, sender, patience, cancellationToken);
        using var waiting = GuestThreads.Wait();
        try
        {
            return Task.WaitAny([sending], (int)patience.TotalMilliseconds, cancellationToken) == 0 ? sending.GetAwaiter().GetResult() : throw Late();
        }
        catch (OperationCanceledException e)
        {
            throw Late(e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static void CheckHost(Uri url, ImmutableArray<AllowedHost> allowed)
    {
        foreach (var host in allowed)
        {
            if (host.Matches(url))
            {
                return;
            }
        }

        throw new SandboxException(
            ErrorCodes.HttpHostDenied, $"The HTTP request to {Quoted.Of(url.Authority)} is denied: the function's allowed hosts do not include it.");
    }

    private static TimeoutException Late(Exception? cause = null) => new("The HTTP request had no whole response at the deadline.", cause);

    private static SandboxException Failed(CheckedRequest request, string why, Exception? cause = null) =>
        new(ErrorCodes.HttpFailed, $"The HTTP request to {Quoted.Of(request.Url.Authority)} failed: {why}", cause);

    private static ImmutableArray<KeyValuePair<string, string>> HeadersOf(HttpResponseMessage response)
    {
        var joined = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (given, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            if (RequestHeaders.IsHopByHop(given))
            {
                continue;
            }

            var name = given.ToLowerInvariant();
            if (name == "content-length" && ResponseFraming.Length(response) is { } length)
            {
                joined[name] = length.ToString(CultureInfo.InvariantCulture);
                continue;
            }

            var separator = name == "set-cookie" ? "\n" : ", ";
            var value = string.Join(separator, values);
            joined[name] = joined.TryGetValue(name, out var before) ? before + separator + value : value;
        }

        return [.. joined];
    }

    private async Task<OutboundHttpResponse> SendAsync(
        CheckedRequest request, OutboundHttpSender sender, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        try
        {
            for (var redirects = 0; ; redirects++)
            {
                CheckHost(request.Url, sender.AllowedHosts);
                using var message = request.ToMessage();
                using var response = await _client.SendAsync(message, deadline.Token).ConfigureAwait(false);
                if (ResponseFraming.Fault(response) is { } fault)
                {
                    throw Failed(request, fault);
                }

                if (request.Redirected(response) is not { } next)
                {
                    return await ReadAsync(request, response, deadline.Token).ConfigureAwait(false);
                }

                request = redirects < _options.MaxRedirects
                    ? next
                    : throw Failed(request, $"there were more than {_options.MaxRedirects} redirects.");
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            // Deep in a failure of the handler may be the refusal of an address or a server.
            throw deadline.IsCancellationRequested ? Late(e)
                : e is OperationCanceledException ? Failed(request, $"there was no connection within {_options.ConnectTimeout.TotalSeconds} s.", e)
                : e.GetBaseException() is SandboxException refused ? new SandboxException(refused.Code, refused.Message, e)
                : e.GetBaseException() is UntrustedServerException untrusted ? Failed(request, untrusted.Message, e)
                : Failed(request, Quoted.Of(e.GetBaseException().Message), e);
        }
        finally
        {
            // Here, and not where the guest waits: that may have ended before.
            _underWay.End(sender);
        }
    }

    private async Task<OutboundHttpResponse> ReadAsync(CheckedRequest request, HttpResponseMessage response, CancellationToken deadline)
    {
        if (response.StatusCode == HttpStatusCode.SwitchingProtocols)
        {
            throw Failed(request, "the server switched to another protocol, which nobody asked for.");
        }

        return new OutboundHttpResponse
        {
            Status = (int)response.StatusCode,
            Headers = HeadersOf(response),
            Body = await ReadBodyAsync(request, response, deadline).ConfigureAwait(false),
        };
    }

    private async Task<ReadOnlyMemory<byte>> ReadBodyAsync(CheckedRequest request, HttpResponseMessage response, CancellationToken deadline)
    {
        // The length that a response to HEAD states, or one with such a status, is that of a body which is not sent.
        var stated = request.Method == HttpMethod.Head || response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified
            ? null
            : ResponseFraming.Length(response);
        if (stated > _options.MaxResponseBytes)
        {
            throw TooLarge(request, stated.Value);
        }

        using var body = new MemoryStream();
        var stream = await response.Content.ReadAsStreamAsync(deadline).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            // Where the length is stated twice in one line, the handler does not know it, and would read until the server hangs up.
            while (stated is null || body.Length < stated)
            {
                var most = (int)Math.Min(buffer.Length, (stated ?? long.MaxValue) - body.Length);
                var read = await stream.ReadAsync(buffer.AsMemory(0, most), deadline).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }

                if (body.Length + read > _options.MaxResponseBytes)
                {
                    throw TooLarge(request, body.Length + read);
                }

                body.Write(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (body.Length < stated)
        {
            throw Failed(request, $"the response ended after {body.Length} of {stated} bytes.");
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private SandboxException TooLarge(CheckedRequest request, long bytes) => SandboxException.Breach(
        ErrorCodes.HttpResponseTooLarge,
        $"The response of {Quoted.Of(request.Url.Authority)} has at least",
        _options.MaxResponseBytes,
        bytes,
        "bytes");

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var host = context.DnsEndPoint.Host;
        var found = IPAddress.TryParse(host, out var literal) ? [literal] : await _resolve(host, cancellation).ConfigureAwait(false);
        var reachable = found.Where(IsReachable).ToArray();
        if (reachable.Length == 0 && found.Length > 0)
        {
            throw new SandboxException(
                ErrorCodes.HttpAddressDenied, $"The HTTP request to {Quoted.Of(host)} is denied: it has no address that functions may reach.");
        }

        SocketException? last = null;
        foreach (var address in reachable)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, context.DnsEndPoint.Port), cancellation).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    private bool IsReachable(IPAddress address) => AddressRules.Of(address) switch
    {
        AddressReach.Public => true,
        AddressReach.Private => _options.AllowPrivateNetworks,
        _ => false,
    };
}
