using System.Net;
using System.Net.Sockets;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace HeliosEdge.Client.Tests;

/// <summary>Whatever a peer answers, a caller sees an <see cref="EdgeException"/> that says what happened.</summary>
public sealed class BrokenAnswerTests
{
    public static readonly TheoryData<int, string, string> AnswersThatAreNoProblem = new()
    {
        { 502, "text/html", "<html>Bad Gateway</html>" },
        { 500, "application/problem+json", "" },
        { 404, "application/problem+json", """{"title":"Not Found","status":404}""" },
        { 400, "application/problem+json", """{"code":""}""" },
        { 400, "application/problem+json", """{"code":17}""" },
        { 400, "application/problem+json", """{"code":"x",""" },
        { 400, "application/problem+json", "[]" },
        { 400, "application/problem+json", "null" },
        { 302, "text/plain", "" },
    };

    public static readonly TheoryData<string> BodiesThatAreNoFunctionList = new()
    {
        "",
        "<html></html>",
        "null",
        "[]",
        "{}",
        """{"functions":null}""",
        """{"functions":[null]}""",
        """{"functions":[{}]}""",
        """{"functions":{"a":1}}""",
        """{"functions":[{"name":"f"}]}""",
        """{"functions":[{"name":null,"module":"0","abi":"a","entry":"e","regions":[],"limits":{}}]}""",
        """{"functions":[{"name":"f","module":"0","abi":"a","entry":"e","regions":[null],"limits":{}}]}""",
        """{"functions":[{"name":"f","module":"0","abi":"a","entry":"e","regions":[],"limits":{"timeoutMs":"1"}}]}""",
        """{"functions":[{"name":"f","module":"0","abi":"a","entry":"e","regions":[],"limits":{"timeoutMs":99999999999}}]}""",
        """{"functions":[{"name":"f","module":"0","abi":"a","entry":"e","regions":[],"limits":{},"profile":null}]}""",
        """{"functions":[{"name":"f","module":"0","abi":"a","entry":"e","regions":[],"limits":{},"capabilities":[null]}]}""",
        """{"functions":[{"name":"f","module":"0","abi":"a","entry":"e","regions":[],"limits":{},"env":{"A":null}}]}""",
        """{"functions":[{"name":"f","module":"0","abi":"a","entry":"e","regions":[],"limits":{},"env":{"A":"\ud800"}}]}""",
        """{"functions":[{"name":"f","module":"0","abi":"a","entry":"e","regions":[],"limits":{},"env":["A"]}]}""",
        """{"functions":[""",
    };

    [Theory]
    [MemberData(nameof(AnswersThatAreNoProblem))]
    public async Task AnErrorWithoutProblemDetailsStillSaysWhatWasAsked(int status, string contentType, string body)
    {
        await using var server = RawServer.Answering(status, contentType, body);
        using var client = new HttpEdgeClient(server.Address);

        var error = await Should.ThrowAsync<EdgeInvalidResponseException>(() => client.GetFunctionAsync("thumbs"));

        error.Code.ShouldBe("invalid_response");
        error.Status.ShouldBe((HttpStatusCode)status);
        error.Detail.ShouldContain("GET /v1/functions/thumbs");
        error.Detail.ShouldContain(status.ToString());
    }

    [Theory]
    [MemberData(nameof(BodiesThatAreNoFunctionList))]
    public async Task JsonOfAnotherShapeIsRefused(string body)
    {
        await using var server = RawServer.Answering(200, "application/json", body);
        using var client = new HttpEdgeClient(server.Address);

        var error = await Should.ThrowAsync<EdgeInvalidResponseException>(async () => await client.ListFunctionsAsync().ToListAsync());

        error.Code.ShouldBe("invalid_response");
        error.Status.ShouldBe(HttpStatusCode.OK);
        error.Detail.ShouldContain("GET /v1/functions");
    }

    [Theory]
    [InlineData("X-Helios-Version: one")]
    [InlineData("X-Helios-Version: -1")]
    [InlineData("X-Helios-Version: 2147483648")]
    [InlineData("X-Helios-Duration-Us: 1.5")]
    [InlineData("X-Helios-Duration-Us: 922337203685477581")]
    [InlineData("X-Helios-Region: a", "X-Helios-Region: b")]
    public async Task HeadersThatSayWhatCannotBeAreRefused(params string[] headers)
    {
        await using var server = RawServer.Answering(RawServer.Http(200, "application/octet-stream", [1], headers));
        using var client = new HttpEdgeClient(server.Address);

        var error = await Should.ThrowAsync<EdgeInvalidResponseException>(() => client.InvokeAsync("f", null, default));

        error.Detail.ShouldContain(headers[0].Split(':')[0]);
    }

    [Fact]
    public async Task HeadersThatDoNotComeAreNull()
    {
        await using var server = RawServer.Answering(200, "application/octet-stream", "x");
        using var client = new HttpEdgeClient(server.Address);

        var answer = await client.InvokeAsync("f", null, default);

        (answer.Region, answer.Version, answer.ModuleHash, answer.Engine, answer.Duration).ShouldBe((null, null, null, null, null));
        answer.ToArray().ShouldBe("x"u8.ToArray());
    }

    [Fact]
    public async Task PagesThatDoNotGoOnAreRefused()
    {
        await using var functions = RawServer.Answering(200, "application/json", """{"functions":[],"next":"f"}""");
        await using var versions = RawServer.Answering(200, "application/json", """{"versions":[],"next":7}""");
        using var first = new HttpEdgeClient(functions.Address);
        using var second = new HttpEdgeClient(versions.Address);

        (await Should.ThrowAsync<EdgeInvalidResponseException>(async () => await first.ListFunctionsAsync().ToListAsync())).Detail.ShouldContain("\"f\"");
        (await Should.ThrowAsync<EdgeInvalidResponseException>(async () => await second.ListVersionsAsync("f").ToListAsync())).Detail.ShouldContain("before 7");
    }

    [Fact]
    public async Task ARedirectIsNotFollowed()
    {
        await using var other = RawServer.Answering(200, "application/octet-stream", "stolen");
        await using var server = RawServer.Answering(
            Encoding.ASCII.GetBytes($"HTTP/1.1 307 Go\r\nLocation: {other.Address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        using var client = new HttpEdgeClient(server.Address);

        var error = await Should.ThrowAsync<EdgeInvalidResponseException>(
            () => client.InvokeAsync("f", null, new byte[] { 1 }));

        error.Status.ShouldBe(HttpStatusCode.TemporaryRedirect);
        other.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task MembersThatThisClientDoesNotKnowAreIgnored()
    {
        await using var server = RawServer.Answering(200, "application/json", """{"regions":[{"name":"eu","functions":2,"weather":3}],"next":null}""");
        using var client = new HttpEdgeClient(server.Address);

        (await client.ListRegionsAsync()).ShouldBe([new RegionInfo("eu", 2)]);
    }

    [Fact]
    public async Task APeerThatDoesNotSpeakHttpIsNamedAsSuch()
    {
        await using var server = RawServer.Answering("SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray());
        using var client = new HttpEdgeClient(server.Address);

        var error = await Should.ThrowAsync<EdgeInvalidResponseException>(() => client.ListRegionsAsync());

        error.Status.ShouldBeNull();
        error.Detail.ShouldContain(server.Address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")]
    public async Task AConnectionThatBreaksIsAConnectionError(string answer)
    {
        await using var server = RawServer.Answering(Encoding.ASCII.GetBytes(answer));
        using var client = new HttpEdgeClient(server.Address);

        var error = await Should.ThrowAsync<EdgeConnectionException>(() => client.InvokeAsync("f", null, default));

        error.Code.ShouldBe("connection_failed");
        error.Status.ShouldBeNull();
        error.Address.ShouldBe(server.Address);
        error.Detail.ShouldContain(server.Address.ToString());
    }

    [Fact]
    public async Task ARefusedConnectionNamesTheAddress()
    {
        // The port is held, and nobody listens on it.
        using var held = new Socket(SocketType.Stream, ProtocolType.Tcp);
        held.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)held.LocalEndPoint!).Port}");
        using var client = new HttpEdgeClient(address);

        var error = await Should.ThrowAsync<EdgeConnectionException>(() => client.ListRegionsAsync());

        error.Address.ShouldBe(address);
        error.Detail.ShouldContain(address.ToString());
    }

    [Fact]
    public async Task NoAnswerWithinTheHttpClientsTimeoutIsAConnectionError()
    {
        await using var server = RawServer.NeverAnswering();
        using var http = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromMilliseconds(100) };
        using var client = new HttpEdgeClient(http);

        var error = await Should.ThrowAsync<EdgeConnectionException>(() => client.ListRegionsAsync());

        error.Detail.ShouldContain("0.1 s");
    }

    [Fact]
    public async Task ACancelledCallEndsAsCancelled()
    {
        await using var server = RawServer.NeverAnswering();
        using var client = new HttpEdgeClient(server.Address);
        using var cancellation = new CancellationTokenSource();

        var call = client.InvokeAsync("f", null, default, cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task AnAnswerBeyondTheBufferLimitIsRefused()
    {
        await using var server = RawServer.Answering(200, "application/octet-stream", new string('x', 5000));
        using var http = new HttpClient { BaseAddress = server.Address, MaxResponseContentBufferSize = 4096 };
        using var client = new HttpEdgeClient(http);

        var error = await Should.ThrowAsync<EdgeInvalidResponseException>(() => client.InvokeAsync("f", null, default));

        error.Detail.ShouldContain("4096");
    }

    [Fact]
    public async Task RandomBytesInsteadOfHttpGiveOnlyEdgeExceptions()
    {
        byte[] answer = [];
        await using var server = RawServer.Answering(() => answer);
        using var client = new HttpEdgeClient(server.Address);

        Prop.ForAll<byte[]>(bytes =>
        {
            answer = bytes;
            Should.Throw<EdgeException>(() => client.ListRegionsAsync().GetAwaiter().GetResult());
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task MutatedAnswersGiveAResultOrAnEdgeException()
    {
        var good = RawServer.Http(
            200,
            "application/json",
            """{"hash":"00","size":8,"exports":[{"name":"handle","kind":"function","type":"(i32, i32) -> (i64)"}],"imports":[{"module":"env","name":"log","kind":"function"}]}"""u8.ToArray());
        byte[] answer = [];
        await using var server = RawServer.Answering(() => answer);
        using var client = new HttpEdgeClient(server.Address);
        var mutations = (from position in Gen.Choose(0, good.Length - 1)
                         from value in Gen.Choose(0, 255)
                         select (position, (byte)value)).ListOf(3).ToArbitrary();
        var results = 0;

        Prop.ForAll(mutations, changes =>
        {
            var bytes = good.ToArray();
            foreach (var (position, value) in changes)
            {
                bytes[position] = value;
            }

            answer = bytes;
            try
            {
                var module = client.GetModuleAsync("00").GetAwaiter().GetResult();
                module.Exports.ShouldAllBe(e => e.Name != null && e.Kind != null);
                results++;
            }
            catch (EdgeException e)
            {
                e.Code.ShouldNotBeNullOrEmpty();
                e.Detail.ShouldNotBeNullOrEmpty();
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

        results.ShouldBeGreaterThan(0, "a mutation within a string leaves the answer good");
    }
}
