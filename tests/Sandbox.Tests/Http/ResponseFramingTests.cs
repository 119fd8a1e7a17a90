using System.Net;
using System.Text;
using HeliosEdge.Sandbox.HostServices.Http;

namespace HeliosEdge.Sandbox.Tests.Http;

/// <summary>Responses whose end can be read in two ways, and those that only look so.</summary>
public sealed class ResponseFramingTests : IDisposable
{
    private readonly OutboundHttp _http = new(
        new OutboundHttpOptions { AllowPrivateNetworks = true }, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));

    [Theory]
    [InlineData("Content-Length: 5\r\nContent-Length: 6", "5, 6")]
    [InlineData("Content-Length: 0\r\nContent-Length: 5", "0, 5")]
    [InlineData("Content-Length: 5, 6", "5, 6")]
    [InlineData("Content-Length: +5", "+5")]
    [InlineData("Content-Length: -5", "-5")]
    [InlineData("Content-Length: 0x5", "0x5")]
    [InlineData("Content-Length: 5 5", "5 5")]
    [InlineData("Content-Length: 99999999999999999999", "99999999999999999999")]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked", "both Transfer-Encoding and Content-Length")]
    [InlineData("Transfer-Encoding: gzip, chunked", "gzip, chunked")]
    [InlineData("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", "gzip, chunked")]
    [InlineData("Transfer-Encoding: identity", "identity")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "chunked, chunked")]
    public void A_response_whose_end_can_be_read_in_two_ways_is_a_failure(string headers, string expected)
    {
        foreach (var status in (string[])["200 OK", "302 Found\r\nLocation: /end"])
        {
            using var server = new LocalServer(_ => $"HTTP/1.1 {status}\r\n{headers}\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n");

            var refused = Should.Throw<SandboxException>(() => Send(server));
            refused.Code.ShouldBe(ErrorCodes.HttpFailed);
            refused.Message.ShouldContain(expected);
            server.Requests.Count.ShouldBe(1);
        }
    }

    [Theory]
    [InlineData("Content-Length: 5\r\nContent-Length: 5")]
    [InlineData("Content-Length: 5, 5")]
    [InlineData("Content-Length: 005")]
    public void A_length_that_is_only_repeated_is_one(string headers)
    {
        // The connection stays open: only the length tells where the body ends.
        using var server = new LocalServer(_ => $"HTTP/1.1 200 OK\r\n{headers}\r\n\r\nhello");

        var response = Send(server);
        Encoding.ASCII.GetString(response.Body.Span).ShouldBe("hello");
        response.Headers.ShouldBe([new("content-length", "5")]);
    }

    [Fact]
    public void A_body_that_ends_before_its_repeated_length_is_a_failure()
    {
        using var server = new LocalServer(_ => "HTTP/1.1 200 OK\r\nContent-Length: 6, 6\r\nConnection: close\r\n\r\nhello");

        Should.Throw<SandboxException>(() => Send(server)).Code.ShouldBe(ErrorCodes.HttpFailed);
    }

    [Fact]
    public void A_connection_whose_response_was_refused_serves_no_other_request()
    {
        using var server = new LocalServer(request => request.StartsWith("GET /bad ", StringComparison.Ordinal)
            ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: 1\r\n\r\n"
            : LocalServer.Ok("good"));

        Should.Throw<SandboxException>(() => Send(server, "/bad")).Code.ShouldBe(ErrorCodes.HttpFailed);
        for (var i = 0; i < 5; i++)
        {
            Encoding.ASCII.GetString(Send(server, "/good").Body.Span).ShouldBe("good");
        }
    }

    [Fact]
    public void Empty_values_of_headers_are_kept_both_ways()
    {
        using var server = new LocalServer(_ => LocalServer.Ok("", "X-Empty:\r\nVary: \r\nX-Two:\r\nX-Two: 1\r\n"));

        var response = Send(server, headers: [new("X-Sent", ""), new("Accept", "")]);

        response.Headers.ShouldBe([new("content-length", "0"), new("vary", ""), new("x-empty", ""), new("x-two", ", 1")]);
        var lines = server.Requests.ShouldHaveSingleItem().Split("\r\n").Select(line => line.TrimEnd()).ToList();
        lines.ShouldContain("X-Sent:");
        lines.ShouldContain("Accept:");
    }

    public void Dispose() => _http.Dispose();

    private OutboundHttpResponse Send(LocalServer server, string path = "/", KeyValuePair<string, string>[]? headers = null) => _http.Send(
        new() { Url = $"http://api.test:{server.Port}{path}", Headers = [.. headers ?? []] },
        new OutboundHttpSender("f", "eu", [AllowedHost.Parse($"api.test:{server.Port}")], 100),
        TimeSpan.FromSeconds(20));
}
