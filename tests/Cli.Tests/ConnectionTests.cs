using System.Net;
using System.Net.Sockets;
using System.Text;
using Shouldly;
using Xunit;

namespace HeliosEdge.Cli.Tests;

/// <summary>Addresses at which there is no silo.</summary>
[Trait("Category", "Process")]
public sealed class ConnectionTests
{
    [Theory]
    [InlineData("regions")]
    [InlineData("functions", "--json")]
    [InlineData("invoke", "greet", "--data", "Ada")]
    public async Task ASiloThatIsNotThereIsExitCode3AndItsAddress(params string[] arguments)
    {
        // The port is held, and nobody listens on it.
        using var held = new Socket(SocketType.Stream, ProtocolType.Tcp);
        held.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var url = $"http://127.0.0.1:{((IPEndPoint)held.LocalEndPoint!).Port}";

        var byOption = await Helios.RunAsync([.. arguments, "--url", url]);
        var byEnvironment = await Helios.RunAsync(new Helios.Settings { Environment = { ["HELIOS_URL"] = url } }, arguments);

        foreach (var outcome in new[] { byOption, byEnvironment })
        {
            outcome.ExitCode.ShouldBe(3);
            outcome.Output.ShouldBeEmpty();
            var line = outcome.ErrorLines.ShouldHaveSingleItem();
            line.ShouldStartWith("error: connection_failed: ");
            line.ShouldContain(url);
        }
    }

    [Fact]
    public async Task AServerThatIsNoSiloIsNamedAsSuchOnOneLineWithoutItsControlCodes()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var running = Helios.RunAsync("regions", "--url", $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        using (var connection = await listener.AcceptSocketAsync())
        {
            await connection.ReceiveAsync(new byte[4096]);
            var body = """{"code":"odd","detail":"first line\nsecond \u001b[31mred\u0007"}""";
            await connection.SendAsync(Encoding.ASCII.GetBytes(
                $"HTTP/1.1 418 Odd\r\nContent-Type: application/problem+json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
        }

        var outcome = await running;

        outcome.ExitCode.ShouldBe(1);
        outcome.ErrorLines.ShouldHaveSingleItem().ShouldBe("error: odd: first line second  [31mred");
    }

    [Fact]
    public async Task CtrlCEndsACallThatIsUnderWay()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var process = Helios.Start(
            new Helios.Settings(), "invoke", "slow", "--url", $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        var error = process.StandardError.ReadToEndAsync();
        using var connection = await listener.AcceptSocketAsync();
        (await connection.ReceiveAsync(new byte[1])).ShouldBe(1);

        var exitCode = await Helios.InterruptAsync(process);

        (await error).ShouldBe("error: cancelled: Stopped before it was done." + Environment.NewLine);
        exitCode.ShouldBe(130);
    }
}
