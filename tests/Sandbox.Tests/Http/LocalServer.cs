using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HeliosEdge.Sandbox.Tests.Http;

/// <summary>A server on loopback that keeps what it was sent, byte by byte, and answers with whatever bytes a test wants.</summary>
internal sealed class LocalServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Action<string, NetworkStream> _answer;
    private readonly ConcurrentBag<TcpClient> _clients = [];

    /// <summary>Makes one that answers by itself; what it throws closes the connection.</summary>
    public LocalServer(Action<string, NetworkStream> answer)
    {
        _answer = answer;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    /// <summary>Makes one that answers each request with a text, and hangs up after one that says so.</summary>
    public LocalServer(Func<string, string> answer)
        : this((request, stream) =>
        {
            var text = answer(request);
            stream.Write(Encoding.Latin1.GetBytes(text));
            if (text.Contains("Connection: close", StringComparison.Ordinal))
            {
                stream.Socket.Shutdown(SocketShutdown.Both);
            }
        })
    {
    }

    public int Port { get; }

    public int Connections => _clients.Count;

    /// <summary>The requests so far, head and body, as Latin-1.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public static string Ok(string body, string headers = "") =>
        $"HTTP/1.1 200 OK\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}";

    public static string Redirect(int status, string location) =>
        $"HTTP/1.1 {status} Over There\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n";

    public void Dispose()
    {
        _stopping.Cancel();
        _listener.Dispose();
        foreach (var client in _clients)
        {
            client.Dispose();
        }
    }

    private static string? Read(NetworkStream stream)
    {
        var head = new StringBuilder();
        while (!EndsHead(head))
        {
            var next = stream.ReadByte();
            if (next < 0)
            {
                return null;
            }

            head.Append((char)next);
        }

        var length = head.ToString().Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
        var body = new byte[length is null ? 0 : int.Parse(length["Content-Length: ".Length..], CultureInfo.InvariantCulture)];
        stream.ReadExactly(body);
        return head + Encoding.Latin1.GetString(body);
    }

    private static bool EndsHead(StringBuilder head) =>
        head.Length >= 4 && head[^1] == '\n' && head[^2] == '\r' && head[^3] == '\n' && head[^4] == '\r';

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
            _clients.Add(client);
            new Thread(() => Serve(client)) { IsBackground = true }.Start();
        }
    }

    private void Serve(TcpClient client)
    {
        try
        {
            using var stream = client.GetStream();
            while (Read(stream) is { } request)
            {
                Requests.Enqueue(request);
                _answer(request, stream);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The other side went away, which some tests are about, or the test is over.
            client.Close();
        }
    }
}
