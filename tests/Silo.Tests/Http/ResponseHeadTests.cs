using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using HeliosEdge.Federation;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Tests.Federation;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Http;

/// <summary>Heads of functions' responses as they are on the wire, from the silo that runs the function and by way of another.</summary>
[Trait("Category", "Slow")]
public sealed class ResponseHeadTests
{
    private static readonly string[] Functions = ["helios", "extism", "cgi"];

    [Theory]
    [InlineData(nameof(EngineKind.Managed))]
    [InlineData(nameof(EngineKind.Wasmtime))]
    public async Task Headers_with_empty_values_are_sent_as_given(string engine)
    {
        await using var west = await TestSilo.StartAsync(engine: Enum.Parse<EngineKind>(engine), regions: ["west"]);
        await HttpFunctionTests.DeployAsync(west);
        await using var east = await BeforeAsync(west);
        foreach (var silo in (TestSilo[])[west, east])
        {
            foreach (var function in Functions)
            {
                var given = Answer(function, 200, ["Content-Type: text/plain", "Vary:", "X-Empty:", "X-Two:", "X-Two: 1", "X-Last: 1", "X-Last:", "ETag: "], "body");

                var lines = (await AskAsync(silo, $"POST /fn/{function}", given)).Split("\r\n");

                lines[0].ShouldBe("HTTP/1.1 200 OK");
                Values(lines, "Vary").ShouldBe([""]);
                Values(lines, "X-Empty").ShouldBe([""]);
                Values(lines, "X-Two").ShouldBe(["", "1"]);
                Values(lines, "X-Last").ShouldBe(["1", ""]);
                Values(lines, "ETag").ShouldBe([""]);
            }
        }
    }

    [Fact]
    public async Task Headers_with_empty_values_are_sent_as_given_over_HTTP2()
    {
        await using var silo = await TestSilo.StartAsync();
        await HttpFunctionTests.DeployAsync(silo);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/fn/helios")
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent(Answer("helios", 200, ["X-Empty:", "X-Two:", "X-Two: 1"], "")),
        };

        using var response = await silo.Http.SendAsync(request);

        Given("X-Empty").ShouldBe([""]);
        Given("X-Two").ShouldBe(["", "1"]);

        IEnumerable<string> Given(string name) => response.Headers.NonValidated.TryGetValues(name, out HeaderStringValues values) ? values : [];
    }

    [Fact]
    public async Task A_function_gets_the_headers_of_a_request_with_empty_values()
    {
        await using var west = await TestSilo.StartAsync(regions: ["west"]);
        await HttpFunctionTests.DeployAsync(west);
        await using var east = await BeforeAsync(west);
        foreach (var silo in (TestSilo[])[west, east])
        {
            var envelope = await AskAsync(silo, "POST /fn/helios?show", "", "X-Empty:\r\nX-Two:\r\nX-Two: 1\r\nAccept:\r\n");
            foreach (var pair in (string[])["[\"x-empty\",\"\"]", "[\"x-two\",\"\"],[\"x-two\",\"1\"]", "[\"accept\",\"\"]"])
            {
                envelope.ShouldContain(pair);
            }

            var variables = (await AskAsync(silo, "POST /fn/cgi/show", "", "X-Empty:\r\nX-Two:\r\nX-Two: 1\r\n")).Split('\n');
            variables.ShouldContain("HTTP_X_EMPTY=");
            variables.ShouldContain("HTTP_X_TWO=, 1");
        }
    }

    [Theory]
    [InlineData("HEAD", 200, "1234", "", "1234")]
    [InlineData("HEAD", 200, "0", "", "0")]
    [InlineData("HEAD", 404, "1234", "", "1234")]
    [InlineData("HEAD", 200, "1234", "body", "1234")]
    [InlineData("HEAD", 200, null, "body", "4")]
    [InlineData("HEAD", 200, null, "", null)]
    [InlineData("HEAD", 304, "1234", "", "1234")]
    [InlineData("HEAD", 204, "1234", "", null)]
    [InlineData("GET", 304, "1234", "", "1234")]
    [InlineData("GET", 304, null, "", null)]
    [InlineData("GET", 204, "1234", "", null)]
    [InlineData("GET", 200, "1234", "body", "4")]
    public async Task What_a_function_states_as_the_length_of_a_body_that_is_not_sent_is_kept(
        string method, int status, string? stated, string body, string? expected)
    {
        await using var west = await TestSilo.StartAsync(regions: ["west"]);
        await HttpFunctionTests.DeployAsync(west);
        await using var east = await BeforeAsync(west);
        foreach (var silo in (TestSilo[])[west, east])
        {
            foreach (var function in Functions)
            {
                string[] headers = stated is null ? ["X-A: 1"] : [$"Content-Length: {stated}", $"content-length: {stated}"];

                // The programs answer with the body of the request, whatever its method.
                var answer = await AskAsync(silo, $"{method} /fn/{function}", Answer(function, status, headers, body));

                var lines = answer.Split("\r\n");
                lines[0].ShouldStartWith($"HTTP/1.1 {status} ");
                if (function == "cgi" && method == "GET" && body.Length > 0)
                {
                    // It may be sent while it is written, without a length.
                    Values(lines, "Content-Length").ShouldNotContain(stated);
                }
                else
                {
                    Values(lines, "Content-Length").ShouldBe(expected is null ? [] : [expected], $"{function} {answer}");
                }
            }
        }
    }

    [Theory]
    [InlineData("Content-Length: five", "\"five\" is not a number of bytes")]
    [InlineData("Content-Length: +5", "\"+5\" is not a number of bytes")]
    [InlineData("Content-Length: -5", "\"-5\" is not a number of bytes")]
    [InlineData("Content-Length:", "\"\" is not a number of bytes")]
    [InlineData("Content-Length: 99999999999999999999", "is not a number of bytes")]
    [InlineData("Content-Length: 5|Content-Length: 6", "there twice, as 5 and 6")]
    public async Task A_length_that_is_none_is_an_error(string headers, string expected)
    {
        await using var silo = await TestSilo.StartAsync();
        await HttpFunctionTests.DeployAsync(silo);
        foreach (var function in Functions)
        {
            var answer = await AskAsync(silo, $"POST /fn/{function}", Answer(function, 200, ["X-A: 1", .. headers.Split('|')], ""));

            answer.ShouldStartWith("HTTP/1.1 502 ");
            answer.ShouldContain("invalid_http_response");
            answer.Replace("\\u0022", "\"", StringComparison.Ordinal).Replace("\\\"", "\"", StringComparison.Ordinal).ShouldContain(expected);
        }
    }

    /// <summary>A silo that has the region of another as its peer's.</summary>
    private static async Task<TestSilo> BeforeAsync(TestSilo west)
    {
        var east = await TestSilo.StartAsync(
            regions: ["east"],
            federation: new FederationOptions { Peers = [("west", west.Http.BaseAddress!)], ProbeInterval = TimeSpan.FromMilliseconds(200) });
        await Silos.WaitForStatesAsync(east, "up");
        return east;
    }

    /// <summary>What has a guest of <see cref="HttpFunctionTests"/> answer with this.</summary>
    private static string Answer(string function, int status, string[] headers, string body)
    {
        if (function == "cgi")
        {
            return $"Status: {status.ToString(CultureInfo.InvariantCulture)}\n{string.Concat(headers.Select(header => $"{header}\n"))}\n{body}";
        }

        var pairs = headers.Select(header => header.Split(':', 2)).Select(pair => $"[\"{pair[0]}\", \"{pair[1].Trim()}\"]");
        return $$"""{"status": {{status}}, "headers": [{{string.Join(", ", pairs)}}], "body": "{{body}}"}""";
    }

    private static IEnumerable<string> Values(string[] lines, string name) => lines
        .TakeWhile(line => line.Length > 0)
        .Where(line => line.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 1)..].Trim());

    private static async Task<string> AskAsync(TestSilo silo, string what, string body, string headers = "")
    {
        using var client = new TcpClient();
        await client.ConnectAsync(silo.Http.BaseAddress!.Host, silo.Http.BaseAddress.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(
            $"{what} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}"));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }
}
