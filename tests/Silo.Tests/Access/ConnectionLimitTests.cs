using System.Net;
using System.Net.Sockets;
using System.Text;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Access;

/// <summary>Clients that take more than they should. Nothing here waits for a certain time: only for what must happen at some time.</summary>
[Trait("Category", "Slow")]
public sealed class ConnectionLimitTests
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(60);

    private static readonly ConnectionLimits Short = new()
    {
        HeaderTimeout = TimeSpan.FromMilliseconds(500),
        KeepAliveTimeout = TimeSpan.FromMilliseconds(500),
    };

    [Theory]
    [InlineData("GET /v1/functions HTTP/1.1\r\nHost: localhost\r\nX-Slow: a")]
    [InlineData("")]
    [InlineData("PRI * HTTP/2.0\r\n")]
    public async Task A_client_that_does_not_finish_its_headers_is_dropped(string sent)
    {
        await using var silo = await StartAsync(Short);
        using var client = await ConnectAsync(silo);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(sent));

        await ReadToEndAsync(client);

        (await silo.Http.GetAsync("/v1/functions")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_client_that_drips_its_body_is_dropped()
    {
        await using var silo = await StartAsync(new ConnectionLimits { MinBytesPerSecond = 1 << 20 });
        using var client = await ConnectAsync(silo);
        await client.GetStream().WriteAsync("PUT /v1/modules HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n\0asm"u8.ToArray());

        var answer = await ReadToEndAsync(client);

        answer.ShouldStartWith("HTTP/1.1 408");
        answer.ShouldContain("\"code\":\"request_timeout\"");
    }

    [Fact]
    public async Task More_connections_than_allowed_are_closed()
    {
        await using var silo = await StartAsync(new ConnectionLimits { MaxConnections = 2 });
        using var first = await ConnectAsync(silo);
        using var second = await ConnectAsync(silo);
        await AskAsync(first);
        await AskAsync(second);
        using var third = await ConnectAsync(silo);

        (await ReadToEndAsync(third)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("LINE", "HTTP/1.1 414")]
    [InlineData("HEADER", "HTTP/1.1 431")]
    [InlineData("HEADERS", "HTTP/1.1 431")]
    public async Task Headers_have_their_limits(string what, string status)
    {
        await using var silo = await StartAsync(new ConnectionLimits());
        using var client = await ConnectAsync(silo);
        var request = what switch
        {
            "LINE" => $"GET /{new string('a', 10_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "HEADER" => $"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {new string('a', 40_000)}\r\n\r\n",
            _ => $"GET / HTTP/1.1\r\nHost: localhost\r\n{string.Concat(Enumerable.Range(0, 101).Select(i => $"X-{i}: a\r\n"))}\r\n",
        };
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));

        (await ReadToEndAsync(client)).ShouldStartWith(status);
    }

    private static Task<TestSilo> StartAsync(ConnectionLimits limits) =>
        TestSilo.StartAsync(configure: options => options with { Access = new AccessOptions { Connections = limits } });

    private static async Task<TcpClient> ConnectAsync(TestSilo silo)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, silo.Http.BaseAddress!.Port);
        return client;
    }

    private static async Task AskAsync(TcpClient client)
    {
        await client.GetStream().WriteAsync("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        (await client.GetStream().ReadAsync(new byte[1])).ShouldBe(1);
    }

    /// <summary>What the silo sends until it closes the connection.</summary>
    private static async Task<string> ReadToEndAsync(TcpClient client)
    {
        using var watchdog = new CancellationTokenSource(Watchdog);
        var answer = new MemoryStream();
        try
        {
            await client.GetStream().CopyToAsync(answer, watchdog.Token);
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // Closed with bytes of the request unread: what was answered has been read.
            client.Close();
        }

        return Encoding.ASCII.GetString(answer.ToArray());
    }
}
