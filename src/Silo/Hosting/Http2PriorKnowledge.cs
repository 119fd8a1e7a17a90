using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace HeliosEdge.Silo.Hosting;

/// <summary>
/// Serves HTTP/1.1 and HTTP/2 on the same cleartext port. Without TLS there is no ALPN, and Kestrel then treats every connection
/// as HTTP/1.1; but an HTTP/2 client with prior knowledge (RFC 9113, 3.3) says what it is with its first 24 bytes, which no
/// HTTP/1.1 request begins with. The connection is looked at before Kestrel's protocol code gets it, and nothing is consumed.
/// </summary>
internal static class Http2PriorKnowledge
{
    // Kestrel takes a connection's protocols from this feature before it looks at its endpoint's. The type is not public; where
    // it is missing, connections stay on HTTP/1.1, as they would be without this class.
    private static readonly Type? ProtocolsFeature = typeof(KestrelServerOptions).Assembly
        .GetType("Microsoft.AspNetCore.Server.Kestrel.Core.Internal.HttpProtocolsFeature");

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Whether this version of Kestrel can be told a connection's protocol.</summary>
    public static bool IsAvailable => ProtocolsFeature?.GetConstructor([typeof(HttpProtocols)]) is not null;

    public static void Use(ListenOptions listen)
    {
        if (!IsAvailable)
        {
            return;
        }

        var quiet = listen.KestrelServerOptions.Limits.RequestHeadersTimeout;
        listen.Use(next => connection => ServeAsync(connection, next, quiet));
    }

    /// <summary>Tells whether a connection begins with the preface; nothing is consumed.</summary>
    internal static async ValueTask<bool> BeginsWithPrefaceAsync(PipeReader input, TimeSpan quiet)
    {
        // Kestrel's own time limits only begin once it has the connection.
        using var timeout = new CancellationTokenSource(quiet);
        await using var registration = timeout.Token.UnsafeRegister(static input => ((PipeReader)input!).CancelPendingRead(), input);
        while (true)
        {
            var read = await input.ReadAsync(CancellationToken.None);
            var verdict = Judge(read.Buffer);
            if (verdict is { } isPreface)
            {
                input.AdvanceTo(read.Buffer.Start);
                return isPreface;
            }

            // What came is the beginning of the preface, or nothing.
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted || read.IsCanceled)
            {
                return false;
            }
        }
    }

    private static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next, TimeSpan quiet)
    {
        if (await BeginsWithPrefaceAsync(connection.Transport.Input, quiet))
        {
            connection.Features[ProtocolsFeature!] = Activator.CreateInstance(ProtocolsFeature!, HttpProtocols.Http2);
        }

        await next(connection);
    }

    /// <summary>True if the bytes begin with the preface, false if they cannot become it, null if it takes more to tell.</summary>
    private static bool? Judge(in ReadOnlySequence<byte> bytes)
    {
        Span<byte> begin = stackalloc byte[Preface.Length];
        var length = (int)Math.Min(begin.Length, bytes.Length);
        bytes.Slice(0, length).CopyTo(begin);
        if (!begin[..length].SequenceEqual(Preface[..length]))
        {
            return false;
        }

        return length == Preface.Length ? true : null;
    }
}
