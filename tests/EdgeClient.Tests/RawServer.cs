using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HeliosEdge.Client.Tests;

/// <summary>
/// A server that answers every request with the bytes it was given, HTTP or not, and closes: what a broken or hostile
/// peer may do and no HTTP library would.
/// </summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private readonly Func<byte[]?> _answer;

    private RawServer(Func<byte[]?> answer)
    {
        _answer = answer;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _serving = ServeAsync();
    }

    public Uri Address { get; }

    public ConcurrentQueue<Request> Requests { get; } = new();

    public static RawServer Answering(byte[] bytes) => new(() => bytes);

    public static RawServer Answering(Func<byte[]> bytes) => new(bytes);

    public static RawServer Answering(int status, string contentType, string body) =>
        Answering(Http(status, contentType, Encoding.UTF8.GetBytes(body)));

    public static RawServer NeverAnswering() => new(() => null);

    public static byte[] Http(int status, string contentType, byte[] body, params string[] headers) =>
    [
        .. Encoding.Latin1.GetBytes($"HTTP/1.1 {status} Whatever\r\nContent-Type: {contentType}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n"),
        .. headers.SelectMany(header => Encoding.Latin1.GetBytes($"{header}\r\n")),
        .. "\r\n"u8,
        .. body,
    ];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var connection = await _listener.AcceptSocketAsync(_stop.Token);
                await using var stream = new NetworkStream(connection);
                Requests.Enqueue(await ReadAsync(stream));
                if (_answer() is not { } answer)
                {
                    await Task.Delay(Timeout.Infinite, _stop.Token);
                    continue;
                }

                await stream.WriteAsync(answer, _stop.Token);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // The client hung up or the test is over: both are what tests of broken connections do.
                continue;
            }
        }
    }

    private async Task<Request> ReadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, _stop.Token);
            head.Append((char)one[0]);
        }

        var lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines[1..].Select(l => l.Split(": ", 2)).ToDictionary(p => p[0], p => p[1], StringComparer.OrdinalIgnoreCase);
        if (headers.ContainsKey("Expect"))
        {
            await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), _stop.Token);
        }

        var body = new byte[headers.TryGetValue("Content-Length", out var length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        await stream.ReadExactlyAsync(body, _stop.Token);
        return new Request(lines[0], headers, body);
    }

    internal sealed record Request(string Line, Dictionary<string, string> Headers, byte[] Body);
}
