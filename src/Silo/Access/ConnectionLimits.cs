using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace HeliosEdge.Silo.Access;

/// <summary>What a client may take of the silo before its request is even understood.</summary>
internal sealed record ConnectionLimits
{
    private const int MaxHeaders = 100;
    private const int MaxHeaderBytes = 32 << 10;
    private const int MaxRequestLineBytes = 8 << 10;
    private const int MaxHeaderFieldBytes = 16 << 10;
    private const int MaxStreams = 100;

    private static readonly TimeSpan RateGrace = TimeSpan.FromSeconds(5);

    /// <summary>Connections at once where nothing else is said and the system lets the process have so many.</summary>
    public const int DefaultMaxConnections = 10_000;

    /// <summary>Connections at once; null for <see cref="DefaultMaxConnections"/>, or fewer where the system does not let the process have so many.</summary>
    public int? MaxConnections { get; init; }

    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(15);

    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(130);

    public int MinBytesPerSecond { get; init; } = 240;

    /// <summary>Time for which an HTTP/2 connection may be silent before it is asked whether anybody is still there.</summary>
    public TimeSpan PingDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time for the answer to that; without one the connection is closed, and the guests that it called for are interrupted.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The limits of a silo that works with others: a guest that another silo called for ends before the lease can run out under which that silo did,
    /// even if that was cut off right before it would have renewed it. Kestrel looks at its connections once a second, so both times may be a second longer.
    /// </summary>
    public ConnectionLimits ForPeers() => this with { PingDelay = TimeSpan.FromSeconds(2), PingTimeout = TimeSpan.FromSeconds(4) };

    /// <summary>Sets Kestrel's limits; all of them, so that none depends on a default of its version.</summary>
    public void Apply(KestrelServerLimits limits)
    {
        limits.MaxConcurrentConnections = MaxConnections ?? DefaultMaxConnections;
        limits.MaxConcurrentUpgradedConnections = MaxConnections ?? DefaultMaxConnections;
        limits.MaxRequestHeaderCount = MaxHeaders;
        limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        limits.MaxRequestLineSize = MaxRequestLineBytes;
        limits.RequestHeadersTimeout = HeaderTimeout;
        limits.KeepAliveTimeout = KeepAliveTimeout;
        limits.MinRequestBodyDataRate = new MinDataRate(MinBytesPerSecond, RateGrace);
        limits.MinResponseDataRate = new MinDataRate(MinBytesPerSecond, RateGrace);
        limits.Http2.MaxStreamsPerConnection = MaxStreams;
        limits.Http2.MaxRequestHeaderFieldSize = MaxHeaderFieldBytes;
        limits.Http2.KeepAlivePingDelay = PingDelay;
        limits.Http2.KeepAlivePingTimeout = PingTimeout;
    }
}
