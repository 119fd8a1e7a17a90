using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Functions;
using HeliosEdge.Silo.Tests.Access;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Http;

[Trait("Category", "Slow")]
public sealed class HttpFunctionTests : IAsyncLifetime
{
    private TestSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync();
        await DeployAsync(_silo);
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    /// <summary>Registers a guest of each ABI that answers HTTP: helios, extism and cgi.</summary>
    internal static async Task DeployAsync(TestSilo silo)
    {
        await silo.DeployAsync("helios", "http_helios");
        await silo.DeployAsync("extism", "http_extism");
        var hash = (await Answer.JsonAsync(await silo.UploadAsync(TestSilo.Guest("wasi_cgi"))))["hash"]!.GetValue<string>();
        await Answer.JsonAsync(await silo.RegisterAsync(
            "cgi", $$$"""{"module": "{{{hash}}}", "env": {"HTTP_X_SECRET": "the operator's", "GREETING": "good day"}}"""));
    }

    [Theory]
    [InlineData("helios")]
    [InlineData("extism")]
    public async Task A_function_gets_all_of_the_request_in_an_envelope(string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/fn/{name}/a%20b/%C3%A9?show") { Content = new StringContent("café", Encoding.UTF8, "text/plain") };
        request.Headers.Add("X-Custom", ["one", "two"]);

        using var response = await _silo.Http.SendAsync(request);

        var envelope = await Answer.JsonAsync(response);
        envelope["method"]!.GetValue<string>().ShouldBe("PUT");
        envelope["path"]!.GetValue<string>().ShouldBe("/a%20b/%C3%A9");
        envelope["query"]!.GetValue<string>().ShouldBe("show");
        envelope["body"]!.GetValue<string>().ShouldBe("café");
        envelope["bodyEncoding"]!.GetValue<string>().ShouldBe("utf8");
        var headers = Headers(envelope);
        headers.ShouldContain(("x-custom", "one, two"));
        headers.ShouldContain(("content-type", "text/plain; charset=utf-8"));
        headers.ShouldContain(("host", _silo.Http.BaseAddress!.Authority));
        headers.ShouldNotContain(header => header.Name == "content-length");
        response.Headers.GetValues("X-Helios-Region").ShouldBe(["eu-west"]);
        response.Headers.GetValues("X-Helios-Version").ShouldBe(["1"]);
        response.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("sandbox ");
    }

    [Theory]
    [InlineData("helios")]
    [InlineData("extism")]
    public async Task A_function_says_what_the_whole_response_is(string name)
    {
        const string Envelope = """{"status": 201, "headers": [["Content-Type", "image/x-nothing"], ["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"], ["Content-Security-Policy", "default-src 'none'"]], "body": "AP/+", "bodyEncoding": "base64"}""";

        using var response = await _silo.Http.PostAsync($"/fn/{name}", new StringContent(Envelope));

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        response.Content.Headers.ContentType!.ToString().ShouldBe("image/x-nothing");
        response.Headers.GetValues("Set-Cookie").ShouldBe(["a=1", "b=2"]);
        response.Headers.GetValues("Content-Security-Policy").Count().ShouldBe(2);
        response.Content.Headers.ContentLength.ShouldBe(3);
        (await response.Content.ReadAsByteArrayAsync()).ShouldBe([0, 255, 254]);
    }

    [Fact]
    public async Task A_binary_body_comes_in_as_Base64()
    {
        byte[] body = [0, 255, 254];

        var envelope = await Answer.JsonAsync(await _silo.Http.PostAsync("/fn/helios?show", new ByteArrayContent(body)));

        envelope["bodyEncoding"]!.GetValue<string>().ShouldBe("base64");
        Convert.FromBase64String(envelope["body"]!.GetValue<string>()).ShouldBe(body);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("TRACE")]
    [InlineData("PROPFIND")]
    [InlineData("x-own")]
    public async Task Every_method_is_the_functions(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/fn/helios/x?show");
        (await Answer.JsonAsync(await _silo.Http.SendAsync(request)))["method"]!.GetValue<string>().ShouldBe(method);

        using var cgi = new HttpRequestMessage(new HttpMethod(method), "/fn/cgi/show");
        (await (await _silo.Http.SendAsync(cgi)).Content.ReadAsStringAsync()).Split('\n').ShouldContain($"REQUEST_METHOD={method}");
    }

    [Fact]
    public async Task HEAD_has_the_head_of_the_response_and_nothing_else()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "/fn/helios/x?show");

        using var response = await _silo.Http.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        (response.Content.Headers.ContentLength > 0).ShouldBeTrue();
        (await response.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task A_status_without_a_body_stays_what_it_is(int status)
    {
        foreach (var (name, body) in new[] { ("helios", $$"""{"status": {{status}}}"""), ("cgi", $"Status: {status}\n\n") })
        {
            using var response = await _silo.Http.PostAsync($"/fn/{name}", new StringContent(body));

            ((int)response.StatusCode).ShouldBe(status);
            (await response.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
            response.Content.Headers.ContentType.ShouldBeNull();
        }
    }

    [Fact]
    public async Task A_program_gets_the_variables_of_CGI_and_its_own()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/fn/cgi/show/a%20b?q=%C3%A9&x=a+b%2Fc;d") { Content = new StringContent("hello", Encoding.UTF8, "text/x-greeting") };
        request.Headers.Add("X-Secret", "the caller's");
        request.Headers.Add("Proxy", "http://evil.example");
        request.Headers.Add("X_Secret", "the caller's, too");
        request.Headers.Add("X-Custom", ["one", "two"]);

        using var response = await _silo.Http.SendAsync(request);

        var lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var expected in new[]
        {
            "GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=POST", "SCRIPT_NAME=/fn/cgi", "PATH_INFO=/show/a b", "QUERY_STRING=q=%C3%A9&x=a+b%2Fc;d",
            "CONTENT_TYPE=text/x-greeting; charset=utf-8", "CONTENT_LENGTH=5", "SERVER_NAME=127.0.0.1", $"SERVER_PORT={_silo.Http.BaseAddress!.Port}",
            "SERVER_PROTOCOL=HTTP/1.1", "SERVER_SOFTWARE=HeliosEdge", "REMOTE_ADDR=127.0.0.1", "HTTP_X_CUSTOM=one, two", "HTTP_X_SECRET=the operator's", "GREETING=good day",
        })
        {
            lines.ShouldContain(expected);
        }

        lines.ShouldNotContain(line => line.StartsWith("HTTP_PROXY=", StringComparison.Ordinal) || line.Contains("the caller's", StringComparison.Ordinal));
        lines.Select(line => line[..line.IndexOf('=', StringComparison.Ordinal)]).ShouldBeUnique();
        response.Headers.GetValues("X-Body-Bytes").ShouldBe(["5"]);
    }

    [Fact]
    public async Task The_output_of_a_program_is_the_response()
    {
        byte[] body = [.. Encoding.ASCII.GetBytes("Status: 418 Teapot\r\nContent-Type: a/b\nX-Tea: none\r\n\r\n"), 0, 255, 10, 13];

        using var response = await _silo.Http.PostAsync("/fn/cgi", new ByteArrayContent(body));

        ((int)response.StatusCode).ShouldBe(418);
        response.Content.Headers.ContentType!.ToString().ShouldBe("a/b");
        response.Headers.GetValues("X-Tea").ShouldBe(["none"]);
        (await response.Content.ReadAsByteArrayAsync()).ShouldBe([0, 255, 10, 13]);
    }

    [Theory]
    [InlineData("helios", "hello", "no valid JSON at byte 0")]
    [InlineData("helios", "{\"status\": 200, \"headers\": [[\"a\", \"b\\r\\nc: d\"]]}", "headers[0]: the value of a has the character U+000D")]
    [InlineData("extism", "{\"status\": 99}", "99 is no status from 200 to 599")]
    [InlineData("cgi", "hello", "its 5 bytes have no blank line")]
    [InlineData("cgi", "Content-Type: a\nX-Helios-Region: mars\n\n", "line 2: x-helios-region is for the platform to set")]
    public async Task An_answer_that_is_no_response_is_a_problem_that_says_why(string name, string answer, string expected)
    {
        var problem = await Answer.ProblemAsync(
            await _silo.Http.PostAsync($"/fn/{name}", new StringContent(answer)), HttpStatusCode.BadGateway, "invalid_http_response");

        problem["detail"]!.GetValue<string>().ShouldContain(expected);
    }

    [Fact]
    public async Task What_goes_wrong_is_a_problem_as_for_other_calls()
    {
        await _silo.DeployAsync("spin", "spin", limits: new JsonObject { ["timeoutMs"] = 200 });
        await _silo.DeployAsync("crash", "crash");
        await _silo.DeployAsync("small", "http_helios", limits: new JsonObject { ["maxPayloadBytes"] = 400 });
        await _silo.DeployAsync("terse", "http_helios", limits: new JsonObject { ["maxResponseBytes"] = 100 });

        await Answer.ProblemAsync(await _silo.Http.GetAsync("/fn/nosuch"), HttpStatusCode.NotFound, "function_not_found");
        await Answer.ProblemAsync(await _silo.Http.GetAsync("/fn/spin"), HttpStatusCode.GatewayTimeout, "timeout");
        await Answer.ProblemAsync(await _silo.Http.GetAsync("/fn/crash"), HttpStatusCode.BadGateway, "trap");
        await Answer.ProblemAsync(await _silo.Http.PostAsync("/fn/small", new ByteArrayContent(new byte[401])), HttpStatusCode.RequestEntityTooLarge, "payload_too_large");
        var envelope = await Answer.ProblemAsync(await _silo.Http.PostAsync("/fn/small", new ByteArrayContent(new byte[400])), HttpStatusCode.RequestEntityTooLarge, "payload_too_large");
        envelope["detail"]!.GetValue<string>().ShouldContain("envelope");
        await Answer.ProblemAsync(await _silo.Http.GetAsync("/fn/terse?show"), HttpStatusCode.BadGateway, "response_too_large");
        using var late = new HttpRequestMessage(HttpMethod.Get, "/fn/spin");
        late.Headers.Add("X-Helios-Deadline-Ms", "50");
        await Answer.ProblemAsync(await _silo.Http.SendAsync(late), HttpStatusCode.GatewayTimeout, "timeout");
    }

    [Fact]
    public async Task A_header_names_the_region_and_the_query_is_the_functions()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/fn/helios?region=mars&failover=venus") { Content = new StringContent("""{"status": 200}""") };
        request.Headers.Add("X-Helios-Region", "us-east");
        (await _silo.Http.SendAsync(request)).Headers.GetValues("X-Helios-Region").ShouldBe(["us-east"]);

        foreach (var header in new[] { "X-Helios-Region", "X-Helios-Failover" })
        {
            using var unknown = new HttpRequestMessage(HttpMethod.Get, "/fn/helios");
            unknown.Headers.Add(header, "mars");
            await Answer.ProblemAsync(await _silo.Http.SendAsync(unknown), HttpStatusCode.NotFound, "region_not_found");
        }
    }

    [Fact]
    public async Task What_is_between_the_caller_and_the_silo_is_not_for_the_function()
    {
        var answer = await RawAsync(
            "GET /fn/helios/x?show HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nKeep-Alive: 5\r\nTE: trailers\r\nProxy-Authorization: Basic x\r\nUpgrade: h2c\r\n"
            + "X-Helios-Deadline-Ms: 5000\r\nAuthorization: Bearer hk_nonsense\r\nX-Helios-Key: hk_nonsense\r\nCookie: a=1\r\n\r\n");
        answer.ShouldStartWith("HTTP/1.1 401 ");

        answer = await RawAsync(
            "GET /fn/helios/x?show HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nKeep-Alive: 5\r\nTE: trailers\r\nProxy-Authorization: Basic x\r\nUpgrade: h2c\r\n"
            + "X-Helios-Deadline-Ms: 5000\r\nAuthorization: Basic b3du\r\nCookie: a=1\r\nX-Own: 1\r\nx-own: 2\r\n\r\n");
        answer.ShouldStartWith("HTTP/1.1 200 ");
        Headers(JsonNode.Parse(answer[answer.IndexOf("\r\n\r\n{", StringComparison.Ordinal)..])!).ShouldBe(
            [("host", "localhost"), ("authorization", "Basic b3du"), ("cookie", "a=1"), ("x-own", "1"), ("x-own", "2")], ignoreOrder: true);
    }

    [Fact]
    public async Task The_key_that_lets_a_caller_in_never_reaches_a_function()
    {
        using var folder = new TemporaryFolder();
        await using (var open = await TestSilo.StartAsync(folder.Path))
        {
            await DeployAsync(open);
        }

        var (_, key) = await KeyHolder.AddKeyAsync(folder.Path, "invoke");
        var (_, reader) = await KeyHolder.AddKeyAsync(folder.Path, "read");
        await using var silo = await TestSilo.StartAsync(folder.Path);

        await Answer.ProblemAsync(await silo.Http.GetAsync("/fn/helios?show"), HttpStatusCode.Unauthorized, "unauthenticated");
        using var may = silo.With(reader);
        await Answer.ProblemAsync(await may.GetAsync("/fn/helios?show"), HttpStatusCode.Forbidden, "forbidden");
        (string, string)[][] shown = [[("Authorization", $"Bearer {key}")], [("X-Helios-Key", key)], [("X-Helios-Key", key), ("Authorization", $"bearer  {key}")]];
        foreach (var headers in shown)
        {
            foreach (var path in new[] { "/fn/helios?show", "/fn/cgi/show" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                Array.ForEach(headers, header => request.Headers.TryAddWithoutValidation(header.Item1, header.Item2).ShouldBeTrue());
                using var response = await silo.Http.SendAsync(request);
                response.StatusCode.ShouldBe(HttpStatusCode.OK);
                (await response.Content.ReadAsStringAsync()).ShouldNotContain("hk_");
            }
        }

        using var own = new HttpRequestMessage(HttpMethod.Get, "/fn/helios?show");
        own.Headers.Add("X-Helios-Key", key);
        own.Headers.Add("Authorization", "Bearer the-functions");
        Headers(await Answer.JsonAsync(await silo.Http.SendAsync(own))).ShouldContain(("authorization", "Bearer the-functions"));
    }

    [Theory]
    [InlineData("/fn/helios", "", "show")]
    [InlineData("/fn/helios/", "/", "show")]
    [InlineData("/fn/helios//a//", "//a//", "show")]
    [InlineData("/FN/helios/a%2Fb%252F%7e~", "/a%2Fb%252F%7e~", "show")]
    [InlineData("/fn/h%65lios/x", "/x", "show")]
    [InlineData("http://localhost/fn/helios/x", "/x", "show")]
    public async Task Path_and_query_are_passed_on_as_they_were_sent(string target, string path, string query)
    {
        var answer = await RawAsync($"GET {target}?{query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 200 ");
        var envelope = JsonNode.Parse(answer[answer.IndexOf("\r\n\r\n{", StringComparison.Ordinal)..])!;
        envelope["path"]!.GetValue<string>().ShouldBe(path);
        envelope["query"]!.GetValue<string>().ShouldBe(query);
    }

    [Theory]
    [InlineData("/fn/nosuch/../helios/x")]
    [InlineData("/fn/helios/a/./b")]
    [InlineData("/fn/helios/a/%2e%2E/b")]
    [InlineData("/v1/%2e%2e/fn/helios")]
    public async Task A_path_that_can_be_read_in_two_ways_is_refused(string target)
    {
        var answer = await RawAsync($"GET {target}?show HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 400 ");
        answer.ShouldContain("\"code\":\"invalid_parameter\"");
        answer.ShouldContain("without . and .. as segments");
    }

    [Fact]
    public void Of_all_targets_only_those_of_the_function_are_taken_apart()
    {
        var targets = Gen.OneOf(
            ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => text.Get),
            ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => $"/fn/f{text.Get}"),
            ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => $"/fn/f/{text.Get}"),
            Gen.Elements("/", "f", "n", ".", "%2e", "?", "//", "http://", "%", "%00").ListOf().Select(parts => string.Concat(parts)));
        Prop.ForAll(targets.ToArbitrary(), target =>
        {
            try
            {
                var (path, query) = HttpRequestHead.Split(target, "f");

                (path.Length == 0 || path[0] == '/').ShouldBeTrue();
                target.ShouldEndWith(target.Contains('?', StringComparison.Ordinal) ? $"{path}?{query}" : path);
                path.ShouldNotContain("/../");
            }
            catch (SandboxException e)
            {
                e.Code.ShouldBe(ErrorCodes.InvalidParameter);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    private static IReadOnlyList<(string Name, string Value)> Headers(JsonNode envelope) =>
        [.. envelope["headers"]!.AsArray().Select(pair => (pair![0]!.GetValue<string>(), pair[1]!.GetValue<string>()))];

    /// <summary>What HttpClient would not send as it is.</summary>
    private async Task<string> RawAsync(string request)
    {
        using var watchdog = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _silo.Http.BaseAddress!.Port, watchdog.Token);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), watchdog.Token);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync(watchdog.Token);
    }
}
