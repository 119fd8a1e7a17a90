using System.Net.Sockets;
using Polly;
using Polly.Retry;

namespace HeliosEdge.Federation;

/// <summary>Pooled HTTP/2 connections to other silos: TLS on https, prior knowledge on http.</summary>
internal static class PeerConnections
{
    private static readonly TimeSpan ConnectAttempt = TimeSpan.FromSeconds(2);

    // A connection that could not be made has carried nothing: trying again cannot run anything twice.
    private static readonly ResiliencePipeline ConnectRetries = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<SocketException>(),
            MaxRetryAttempts = 2,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromMilliseconds(50),
        })
        .Build();

    /// <param name="tls">What makes connections to https addresses ones over TLS.</param>
    public static SocketsHttpHandler Open(PeerTls tls) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        EnableMultipleHttp2Connections = true,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        ConnectTimeout = TimeSpan.FromSeconds(10),

        // What is held of a response that is passed on to a slow caller. That it stays at this is a setting of the process, in the project file.
        InitialHttp2StreamWindowSize = 1 << 20,

        // A peer that stopped without closing its connections is noticed within some seconds, whatever it was asked.
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        KeepAlivePingDelay = TimeSpan.FromSeconds(2),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(3),
        ConnectCallback = async (context, cancel) =>
        {
            var connection = await WithRetriesAsync(token => ConnectAsync(context, token), cancel);
            return context.InitialRequestMessage.RequestUri!.Scheme == Uri.UriSchemeHttps
                ? await tls.AuthenticateAsync(connection, context.DnsEndPoint.Host, cancel)
                : connection;
        },
    };

    /// <summary>Makes a connection in up to three attempts.</summary>
    /// <param name="connect">Makes one; only a <see cref="SocketException"/> of it is followed by another attempt.</param>
    /// <param name="cancel">Ends them.</param>
    internal static ValueTask<Stream> WithRetriesAsync(Func<CancellationToken, ValueTask<Stream>> connect, CancellationToken cancel) =>
        ConnectRetries.ExecuteAsync(connect, cancel);

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(ConnectAttempt);
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, timeout.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
