using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace HeliosEdge.Data.Tests.Postgres;

/// <summary>The way to a server, which can be cut, or go silent.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly int _target;
    private long _fromServer;
    private readonly ConcurrentDictionary<TcpClient, bool> _clients = new();
    private readonly ConcurrentBag<Task> _tasks = [];
    private TaskCompletionSource _speaks = Spoken();
    private TcpListener? _listener;

    public Relay(int target)
    {
        _target = target;
        Port = FreePorts.Take();
        Connect();
    }

    public int Port { get; }

    /// <summary>Bytes that the server has sent.</summary>
    public long FromServer => Interlocked.Read(ref _fromServer);

    /// <summary>Lets connections in.</summary>
    public void Connect()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _tasks.Add(AcceptAsync(_listener));
    }

    /// <summary>Ends all connections and refuses new ones.</summary>
    public void Cut()
    {
        _listener?.Stop();
        _listener = null;
        foreach (var client in _clients.Keys)
        {
            client.Close();
        }

        _clients.Clear();
    }

    /// <summary>Holds back what the server says.</summary>
    public void Silence() => _speaks = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Passes on what the server has said.</summary>
    public void Speak() => _speaks.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Speak();
        Cut();
        await Task.WhenAll(_tasks);
    }

    private static TaskCompletionSource Spoken()
    {
        var spoken = new TaskCompletionSource();
        spoken.SetResult();
        return spoken;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                var server = new TcpClient();
                _clients[client] = _clients[server] = true;
                await server.ConnectAsync(IPAddress.Loopback, _target);
                _tasks.Add(PassAsync(client, server, isFromServer: false));
                _tasks.Add(PassAsync(server, client, isFromServer: true));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private async Task PassAsync(TcpClient from, TcpClient to, bool isFromServer)
    {
        try
        {
            var buffer = new byte[64 << 10];
            while (await from.GetStream().ReadAsync(buffer) is var length && length > 0)
            {
                if (isFromServer)
                {
                    Interlocked.Add(ref _fromServer, length);
                    await _speaks.Task;
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, length));
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }
        finally
        {
            from.Close();
            to.Close();
        }
    }
}
