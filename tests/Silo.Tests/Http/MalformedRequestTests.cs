using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Http;

/// <summary>Requests byte by byte as no client of HTTP would send them.</summary>
[Trait("Category", "Slow")]
public sealed class MalformedRequestTests : IAsyncLifetime
{
    private TestSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync();
        await HttpFunctionTests.DeployAsync(_silo);
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Theory]
    [InlineData("Content-Length: +5", 400)]
    [InlineData("Content-Length: -5", 400)]
    [InlineData("Content-Length: 0x5", 400)]
    [InlineData("Content-Length: 5,5", 400)]
    [InlineData("Content-Length: 5 5", 400)]
    [InlineData("Content-Length: five", 400)]
    [InlineData("Content-Length:", 400)]
    [InlineData("Content-Length: 9223372036854775808", 400)]
    [InlineData("Content-Length: 99999999999999999999999999999999999999999", 400)]
    [InlineData("Content-Length: 9223372036854775807", 413)]
    [InlineData("Content-Length: 5\r\nContent-Length: 6", 400)]
    [InlineData("Content-Length: 5\r\nContent-Length: 5", 400)]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked", 400)]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 5", 400)]
    [InlineData("Transfer-Encoding: gzip, chunked", 501)]
    [InlineData("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", 501)]
    [InlineData("Transfer-Encoding: chunked, chunked", 501)]
    [InlineData("Transfer-Encoding: identity, chunked", 501)]
    [InlineData("Transfer-Encoding: gzip", 400)]
    [InlineData("Transfer-Encoding: chunked, gzip", 400)]
    [InlineData("Transfer-Encoding: ", 400)]
    [InlineData("Content-Length : 5", 400)]
    [InlineData("Content-Length: 5\r\n X-Folded: 1", 400)]
    [InlineData("Content-Length: 5\r\nX-Folded: 1\r\n\tmore", 400)]
    [InlineData("Content-Length: 5\r\nX Y: 1", 400)]
    [InlineData("Content-Length: 5\r\nX(Y: 1", 400)]
    [InlineData("Content-Length: 5\r\n: 1", 400)]
    [InlineData("Content-Length: 5\r\nno colon", 400)]
    [InlineData("Content-Length: 5\r\nX: a\0b", 400)]
    [InlineData("Content-Length: 5\r\nX: a\rb", 400)]
    [InlineData("Content-Length: 5\nX: 1", 400)]
    [InlineData("Content-Length: 5\r\nX: \u00ff", 400)]
    [InlineData("Content-Length: 5\r\nHost: other", 400)]
    [InlineData("Transfer-Encoding: chunked\r\nX-Content-Length: 5", 400)]
    public async Task A_head_that_can_be_read_in_two_ways_is_refused_with_problem_details(string headers, int status)
    {
        var problem = await RefusedAsync($"POST /fn/helios HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n\r\n5\r\nhello\r\n0\r\n\r\n", status);

        problem["detail"]!.GetValue<string>().ShouldNotBeEmpty();
        problem["code"]!.GetValue<string>().ShouldBe(status switch
        {
            501 => "not_implemented",
            413 => "payload_too_large",
            _ => "malformed_request",
        });
    }

    [Theory]
    [InlineData("GET /fn/helios#fragment HTTP/1.1", 400)]
    [InlineData("GET /fn/helios?a#b HTTP/1.1", 400)]
    [InlineData("GET /fn/helios/\u00c3\u00a9 HTTP/1.1", 400)]
    [InlineData("GET /fn/helios?\u00c3\u00a9 HTTP/1.1", 400)]
    [InlineData("GET /fn/helios/\u00ff HTTP/1.1", 400)]
    [InlineData("GET /fn/helios/\u007f HTTP/1.1", 400)]
    [InlineData("GET /fn/helios/\t HTTP/1.1", 400)]
    [InlineData("GET /fn/helios/\0 HTTP/1.1", 400)]
    [InlineData("GET /fn/helios/a b HTTP/1.1", 400)]
    [InlineData("GET fn/helios HTTP/1.1", 400)]
    [InlineData("GET http://other.test/fn/helios HTTP/1.1", 400)]
    [InlineData("GET 127.0.0.1:80 HTTP/1.1", 405)]
    [InlineData("GET * HTTP/1.1", 405)]
    [InlineData("GET  HTTP/1.1", 400)]
    [InlineData("GET /fn/helios", 505)]
    [InlineData("GET /fn/helios HTTP/1.2", 505)]
    [InlineData("GET /fn/helios http/1.1", 505)]
    [InlineData("G\u00c9T /fn/helios HTTP/1.1", 400)]
    [InlineData("G(T /fn/helios HTTP/1.1", 400)]
    public async Task A_request_line_that_is_none_is_refused_with_problem_details(string line, int status) =>
        await RefusedAsync($"{line}\r\nHost: 127.0.0.1\r\n\r\n", status);

    [Theory]
    [InlineData("helios")]
    [InlineData("cgi")]
    public async Task A_chunk_that_is_none_is_refused_with_problem_details(string function)
    {
        foreach (var chunk in (string[])["FFFFFFFFFFFFFFFF\r\nhello", "80000000\r\nhello", "100000000\r\nhello", "-5\r\nhello", "+5\r\nhello", "0x5\r\nhello", "g\r\nhello", "\r\nhello", "5\r\nhello!\r\n0\r\n\r\n"])
        {
            var problem = await RefusedAsync(
                $"POST /fn/{function} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}\r\n0\r\n\r\n", 400);
            problem["code"]!.GetValue<string>().ShouldBe("malformed_request", chunk);
        }
    }

    [Fact]
    public async Task A_transfer_coding_is_refused_where_the_version_does_not_know_it() => await RefusedAsync(
        "POST /fn/helios HTTP/1.0\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 400);

    [Theory]
    [InlineData("/v1/functions/helios/invoke")]
    [InlineData("/v1/functions/nobody/invoke")]
    [InlineData("/nowhere")]
    public async Task Whatever_the_route_a_malformed_request_is_refused_as_one(string path)
    {
        foreach (var headers in (string[])["Content-Length: +5", "Content-Length: 5\r\nTransfer-Encoding: chunked", "Content-Length: 5\r\nX{: 1"])
        {
            (await RefusedAsync($"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n\r\nhello", 400))["code"]!.GetValue<string>()
                .ShouldBe("malformed_request");
        }
    }

    [Fact]
    public async Task What_only_looks_unusual_is_served()
    {
        (string Line, string Headers, string Body)[] requests =
        [
            ("POST http://127.0.0.1/fn/helios/x?show HTTP/1.1", "Content-Length: 005", "hello"),
            ("POST /fn/helios/%C3%A9%23|{}?show HTTP/1.1", "Transfer-Encoding: Chunked", "5;ext=1\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n"),
        ];
        foreach (var (line, headers, body) in requests)
        {
            var answer = await SendAsync($"{line}\r\nHost: 127.0.0.1\r\nConnection: close\r\n{headers}\r\n\r\n{body}");
            answer.ShouldStartWith("HTTP/1.1 200 ");
            answer.ShouldContain("\"body\":\"hello\"");
            answer.ShouldNotContain("x-content-length");
        }
    }

    [Fact]
    public async Task A_rejected_request_after_good_ones_is_answered_after_them()
    {
        const string Good = "POST /fn/helios/x?show HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nhello";

        var answer = await SendAsync($"{Good}{Good}POST /fn/helios HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: +5\r\n\r\nhello{Good}");

        answer.Split("HTTP/1.1 ").Skip(1).Select(part => part[..3]).ShouldBe(["200", "200", "400"]);
        answer.ShouldEndWith("}");
    }

    [Fact]
    public async Task A_rejected_HEAD_has_no_body()
    {
        var answer = await SendAsync("HEAD /fn/helios HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: +5\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 400 ");
        answer.ShouldContain("application/problem+json");
        answer.ShouldEndWith("\r\n\r\n");
    }

    [Fact]
    public async Task In_HTTP2_a_target_with_a_fragment_is_refused_too()
    {
        var target = new Uri(
            $"{_silo.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)}/fn/helios#fragment",
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(HttpMethod.Get, target) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        await Answer.ProblemAsync(await _silo.Http.SendAsync(request), HttpStatusCode.BadRequest, "malformed_request");
    }

    private static JsonNode ProblemOf(string answer, int status)
    {
        answer.ShouldStartWith($"HTTP/1.1 {status} ");
        var parts = answer.Split("\r\n\r\n", 2);
        parts[0].ShouldContain("Content-Type: application/problem+json");
        if (status != 413)
        {
            parts[0].ShouldContain("Connection: close");
        }

        var problem = JsonNode.Parse(parts[1])!;
        problem["status"]!.GetValue<int>().ShouldBe(status);
        return problem;
    }

    private async Task<JsonNode> RefusedAsync(string request, int status) => ProblemOf(await SendAsync(request), status);

    private async Task<string> SendAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _silo.Http.BaseAddress!.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        return await ReadAsync(stream);
    }

    /// <summary>All that comes; a silo that hangs up while there is more to read for it may reset the connection after its answer.</summary>
    private static async Task<string> ReadAsync(Stream stream)
    {
        var answer = new MemoryStream();
        var buffer = new byte[4_096];
        try
        {
            while (await stream.ReadAsync(buffer) is var count and > 0)
            {
                answer.Write(buffer, 0, count);
            }
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset } && answer.Length > 0)
        {
            // The answer was there before.
            answer.Flush();
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }
}
