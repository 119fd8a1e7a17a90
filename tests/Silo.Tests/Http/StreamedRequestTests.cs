using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Federation;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Http;

/// <summary>Bodies that come while the function runs, here and at a peer.</summary>
[Trait("Category", "Slow")]
public sealed class StreamedRequestTests : IAsyncLifetime
{
    private const string Beginning = "the beginning\n";

    // Less than the guests' own time.
    private readonly CancellationTokenSource _watchdog = new(TimeSpan.FromSeconds(50));

    private Silos _silos = null!;

    public async Task InitializeAsync() => _silos = await Silos.StartAsync();

    public async Task DisposeAsync()
    {
        await _silos.DisposeAsync();
        _watchdog.Dispose();
    }

    [Theory]
    [InlineData("west")]
    [InlineData("east")]
    public async Task A_program_answers_each_line_before_the_next_one_is_sent(string by)
    {
        await DeployAsync("talks", 60_000);
        var (request, body) = InParts.Post("/fn/talks/lines");
        using var sent = request;

        using var response = await SendAsync(by, sent);

        await using var answer = await response.Content.ReadAsStreamAsync(_watchdog.Token);
        await ExpectAsync(answer, Beginning);
        foreach (var line in new[] { "one\n", "two\n", "three\n" })
        {
            body.Send(line);
            await ExpectAsync(answer, $"got {line}");
        }

        body.End();
        await ExpectAsync(answer, "the end\n");
        (await answer.ReadAsync(new byte[1], _watchdog.Token)).ShouldBe(0);
    }

    [Theory]
    [InlineData("west")]
    [InlineData("east")]
    public async Task A_sender_who_leaves_in_the_middle_ends_the_program(string by)
    {
        await DeployAsync("left", 60_000);
        for (var i = 0; i < 2; i++)
        {
            var (request, body) = InParts.Post("/fn/left/lines");
            using var sent = request;
            using var response = await SendAsync(by, sent);
            body.Send("one\n");
            await using var answer = await response.Content.ReadAsStreamAsync(_watchdog.Token);
            await ExpectAsync(answer, Beginning + "got one\n");
        }

        // There is one instance only, and each of those programs waits for more.
        (await _silos.West.Http.GetStringAsync("/fn/left/steps", _watchdog.Token)).ShouldEndWith("step 4\n");
    }

    [Theory]
    [InlineData("west", 100)]
    [InlineData("east", 100)]
    [InlineData("west", 3 << 20)]
    [InlineData("east", 3 << 20)]
    public async Task A_body_is_whole_whether_its_length_is_stated_or_not(string by, int bytes)
    {
        await DeployAsync("counts", 60_000);
        await Http.HttpFunctionTests.DeployAsync(_silos.West);
        var content = Enumerable.Range(0, bytes).Select(i => (byte)('a' + (i % 26))).ToArray();
        foreach (var isStated in new[] { true, false })
        {
            using var shown = await SendAsync(by, Post("/fn/counts/show", content, isStated));
            shown.Headers.GetValues("X-Body-Bytes").ShouldBe([$"{bytes}"]);
            (await shown.Content.ReadAsStringAsync()).Split('\n').Where(line => line.StartsWith("CONTENT_LENGTH=", StringComparison.Ordinal))
                .ShouldBe(isStated ? [$"CONTENT_LENGTH={bytes}"] : []);

            using var echoed = await SendAsync(by, Post("/fn/counts", [.. "Content-Type: a/b\n\n"u8, .. content], isStated));
            (await echoed.Content.ReadAsByteArrayAsync()).ShouldBe(content);
        }
    }

    [Theory]
    [InlineData("west")]
    [InlineData("east")]
    public async Task A_function_of_another_abi_gets_a_body_of_unknown_length_whole(string by)
    {
        await Http.HttpFunctionTests.DeployAsync(_silos.West);

        using var response = await SendAsync(by, Post("/fn/helios?show", "hello"u8.ToArray(), isStated: false));

        (await Answer.JsonAsync(response))["body"]!.GetValue<string>().ShouldBe("hello");
        await _silos.West.DeployAsync("small", "http_helios", limits: new JsonObject { ["maxPayloadBytes"] = 400 });
        await Answer.ProblemAsync(
            await SendAsync(by, Post("/fn/small?show", new byte[401], isStated: false)), HttpStatusCode.RequestEntityTooLarge, "payload_too_large");
    }

    [Theory]
    [InlineData("west", true)]
    [InlineData("east", true)]
    [InlineData("west", false)]
    [InlineData("east", false)]
    public async Task A_body_over_its_limit_is_refused(string by, bool isStated)
    {
        const int Limit = 2 << 20;
        await DeployAsync("small", 60_000, Limit);

        var problem = await Answer.ProblemAsync(
            await SendAsync(by, Post("/fn/small/show", new byte[Limit + 1], isStated)), HttpStatusCode.RequestEntityTooLarge, "payload_too_large");

        problem["limit"]!.GetValue<int>().ShouldBe(Limit);
        (await _silos.West.Http.GetStringAsync("/fn/small/steps", _watchdog.Token)).ShouldEndWith("step 4\n");
    }

    [Theory]
    [InlineData("west")]
    [InlineData("east")]
    public async Task A_program_that_does_not_read_its_body_answers_all_the_same(string by)
    {
        await DeployAsync("deaf", 60_000);
        var (request, body) = InParts.Post("/fn/deaf/steps");
        using var sent = request;
        body.Send(new byte[1 << 20]);

        using var response = await SendAsync(by, sent);

        (await response.Content.ReadAsStringAsync(_watchdog.Token)).ShouldEndWith("step 4\n");
    }

    [Theory]
    [InlineData("west")]
    [InlineData("east")]
    public async Task A_program_whose_body_does_not_come_is_ended_when_its_time_is_over(string by)
    {
        await DeployAsync("waits", 500);
        var (request, _) = InParts.Post("/fn/waits/show");
        using var sent = request;

        await Answer.ProblemAsync(await SendAsync(by, sent), HttpStatusCode.GatewayTimeout, "timeout");
    }

    [Theory]
    [InlineData("west")]
    [InlineData("east")]
    public async Task A_body_that_is_no_http_is_the_callers_fault(string by)
    {
        await DeployAsync("strict", 60_000);
        using var client = new TcpClient();
        var address = Silo(by).Http.BaseAddress!;
        await client.ConnectAsync(address.Host, address.Port, _watchdog.Token);
        var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"POST /fn/strict/show HTTP/1.1\r\nHost: {address.Authority}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n"), _watchdog.Token);

        using var reader = new StreamReader(stream);

        (await reader.ReadLineAsync(_watchdog.Token)).ShouldBe("HTTP/1.1 400 Bad Request");
    }

    private static HttpRequestMessage Post(string path, byte[] content, bool isStated)
    {
        var (request, body) = InParts.Post(path);
        body.Send(content);
        body.End();
        request.Content = isStated ? new ByteArrayContent(content) : body;
        return request;
    }

    private Task DeployAsync(string name, int timeoutMs, int maxBytes = 4 << 20) => _silos.West.DeployAsync(
        name,
        "wasi_cgi",
        "_start",
        new JsonObject { ["timeoutMs"] = timeoutMs, ["maxInstances"] = 1, ["maxPayloadBytes"] = maxBytes, ["maxResponseBytes"] = 4 << 20 });

    private TestSilo Silo(string name) => name == "west" ? _silos.West : _silos.East;

    private Task<HttpResponseMessage> SendAsync(string by, HttpRequestMessage request)
    {
        request.Headers.Add("X-Helios-Region", "west");
        return Silo(by).Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _watchdog.Token);
    }

    private async Task ExpectAsync(Stream body, string text)
    {
        var bytes = new byte[text.Length];
        await body.ReadExactlyAsync(bytes, _watchdog.Token);
        Encoding.ASCII.GetString(bytes).ShouldBe(text);
    }
}
