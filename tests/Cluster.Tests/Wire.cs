using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HeliosEdge.Cluster.Tests;

/// <summary>Sees every segment of TCP that comes in at this machine's IPv4 addresses, which needs a privilege.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly Socket _socket = Open();
    private readonly MemoryStream _seen = new();
    private readonly CancellationTokenSource _enough = new();
    private readonly Task _reading;

    private Wire()
    {
        // Loopback is fast, and nothing that waits here may be dropped.
        _socket.ReceiveBufferSize = 64 << 20;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _reading = ReadAsync();
    }

    /// <summary>Why tests of it are left out, or null where they run.</summary>
    public static string? WhySkipped
    {
        get
        {
            try
            {
                Open().Dispose();
                return null;
            }
            catch (SocketException e)
            {
                return $"The wire cannot be watched: {e.Message}.";
            }
        }
    }

    public static Wire Watch() => new();

    /// <summary>Whether a text went by so far.</summary>
    public bool Saw(string text)
    {
        lock (_seen)
        {
            return _seen.GetBuffer().AsSpan(0, (int)_seen.Length).IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await _reading;
        _socket.Dispose();
        _enough.Dispose();
    }

    private static Socket Open() => new(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Tcp);

    private async Task ReadAsync()
    {
        var segment = new byte[64 << 10];
        try
        {
            while (true)
            {
                var length = await _socket.ReceiveAsync(segment, _enough.Token);
                lock (_seen)
                {
                    _seen.Write(segment, 0, length);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Somebody has seen enough.
        }
    }
}
