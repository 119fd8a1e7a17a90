using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace HeliosEdge.Benchmarks.Http;

/// <summary>A server in a process of its own, on a free port of loopback; killed when disposed.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly Process _process;

    private Server(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>A port that nobody listens on now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts a program and waits until something listens.</summary>
    public static async Task<Server> StartAsync(int port, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var printed = new Queue<string>();
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new Server(process, new Uri($"http://127.0.0.1:{port}/"));
        for (var watchdog = Stopwatch.StartNew(); watchdog.Elapsed < TimeSpan.FromSeconds(60) && !process.HasExited;)
        {
            if (await ListensAsync(port))
            {
                return server;
            }

            await Task.Delay(50);
        }

        await server.DisposeAsync();
        lock (printed)
        {
            throw new InvalidOperationException($"{program} does not listen: {string.Join(Environment.NewLine, printed)}");
        }

        void Keep(string? line)
        {
            if (line is not null)
            {
                lock (printed)
                {
                    printed.Enqueue(line);
                    while (printed.Count > 20)
                    {
                        printed.Dequeue();
                    }
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<bool> ListensAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
