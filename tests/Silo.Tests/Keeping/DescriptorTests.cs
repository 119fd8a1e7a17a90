using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HeliosEdge.Silo.Tests.Keeping;

/// <summary>A process that may have few files open.</summary>
[Trait("Category", "Process")]
public sealed class DescriptorTests
{
    private const int Connections = 1_500;

    private static readonly string[] Limited = ["bash", "-c", "ulimit -n 1024; exec \"$@\"", "bash"];

    [LinuxFact]
    public async Task Idle_connections_above_the_limit_are_closed_and_the_silo_goes_on_serving()
    {
        using var folder = new TemporaryFolder();
        await using var silo = SiloProcess.StartIn(Limited, "--data", folder.Path, "--urls", "http://127.0.0.1:0");
        var address = await silo.AddressAsync();
        silo.Output.ShouldContain("This process may have 1024 open files");
        silo.Output.ShouldContain(" 256 connections");
        using var before = new HttpClient { BaseAddress = address };
        await ProcessMemoryTests.DeployAsync(before, "echo", "echo", "handle", []);

        var idle = new List<Socket>();
        try
        {
            for (var i = 0; i < Connections; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                idle.Add(socket);
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, address.Port));
            }

            await Eventually.HoldsAsync("connections above the limit to be closed", () => Task.FromResult(idle.Count(IsOpen) <= 256));

            using (var answer = await before.PostAsync("/v1/functions/echo/invoke", new ByteArrayContent([7])))
            {
                (await answer.Content.ReadAsByteArrayAsync()).ShouldBe([7]);
            }

            var open = idle.First(IsOpen);
            await open.SendAsync(Encoding.ASCII.GetBytes($"POST /v1/functions/echo/invoke HTTP/1.1\r\nHost: 127.0.0.1:{address.Port}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"));
            (await ReadToEndAsync(open)).ShouldEndWith("hi");
        }
        finally
        {
            idle.ForEach(socket => socket.Dispose());
        }

        await Eventually.HoldsAsync("new connections to be taken again", async () =>
        {
            using var after = new HttpClient { BaseAddress = address };
            try
            {
                return (await after.GetAsync("/healthz")).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        (await silo.TerminateAsync()).ShouldBe(0);
    }

    [LinuxTheory]
    [InlineData(1_024, 2, "--max-connections 10000 is more than the 256 connections that 1024 open files leave room for; raise ulimit -n.", "--max-connections", "10000")]
    [InlineData(300, 1, "This process may have 300 files open (ulimit -n); a silo needs at least 768.")]
    public async Task What_the_limit_leaves_no_room_for_is_one_sentence_at_start(int limit, int exitCode, string message, params string[] more)
    {
        using var folder = new TemporaryFolder();
        var (code, _, error) = await SiloProcess.RunInAsync(
            ["bash", "-c", $"ulimit -n {limit}; exec \"$@\"", "bash"], ["--data", folder.Path, "--urls", "http://127.0.0.1:0", .. more]);

        (code, error.Trim()).ShouldBe((exitCode, $"helios-silo: {message}"));
    }

    private static bool IsOpen(Socket socket) => !(socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0);

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[4_096];
        for (int read; (read = await socket.ReceiveAsync(buffer)) > 0;)
        {
            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        return text.ToString();
    }
}
