using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Sandbox.HostServices.Http;

namespace HeliosEdge.Sandbox.Tests.Http;

public sealed class OutboundHttpTests : IDisposable
{
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(30);

    private readonly List<string> _resolved = [];
    private OutboundHttpOptions _options = new() { AllowPrivateNetworks = true, MaxRequestBytes = 1_000, MaxResponseBytes = 10_000 };
    private OutboundHttp? _http;

    /// <summary>Every name leads to loopback, as if the servers of these tests were all over the world; but for "meta.", "both." and "none.".</summary>
    private OutboundHttp Http => _http ??= new OutboundHttp(_options, (name, _) =>
    {
        _resolved.Add(name);
        return name.Split('.')[0] switch
        {
            "meta" => Task.FromResult<IPAddress[]>([IPAddress.Parse("169.254.169.254"), IPAddress.Parse("fe80::1")]),
            "both" => Task.FromResult<IPAddress[]>([IPAddress.Parse("169.254.169.254"), IPAddress.Loopback]),
            "none" => throw new SocketException((int)SocketError.HostNotFound),
            _ => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
        };
    });

    [Fact]
    public void A_request_arrives_as_it_was_made_and_nothing_is_added_to_it()
    {
        using var server = new LocalServer(_ => LocalServer.Ok("done"));

        var response = Send(server, new()
        {
            Method = "post",
            Url = $"http://api.test:{server.Port}/a%20b?c=%0D%0A#fragment",
            Headers = [new("X-One", "1"), new("Content-Type", "text/plain"), new("Cookie", "a=b"), new("Accept", "*/*")],
            Body = "body"u8.ToArray(),
        });

        (response.Status, Text(response)).ShouldBe((200, "done"));
        server.Requests.ShouldHaveSingleItem().ShouldBe(
            $"POST /a%20b?c=%0D%0A HTTP/1.1\r\nHost: api.test:{server.Port}\r\nX-One: 1\r\nCookie: a=b\r\nAccept: */*\r\n"
            + "Content-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody");
        Send(server, Get(server, "/")).Status.ShouldBe(200);
        server.Requests.Last().ShouldBe($"GET / HTTP/1.1\r\nHost: api.test:{server.Port}\r\n\r\n");
    }

    [Theory]
    [InlineData(404)]
    [InlineData(500)]
    [InlineData(304)]
    [InlineData(300)]
    [InlineData(999)]
    public void Whatever_the_status_it_is_a_response(int status)
    {
        using var server = new LocalServer(_ => $"HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\n\r\n");

        Send(server, Get(server, "/")).Status.ShouldBe(status);
    }

    [Fact]
    public void Headers_of_a_response_have_unique_names_in_lower_case_and_none_of_the_connection()
    {
        using var server = new LocalServer(_ => LocalServer.Ok(
            "x", "Set-Cookie: a=1, b\r\nX-A: 1\r\nset-cookie: c=2\r\nx-a: 2\r\nContent-Type: text/plain\r\nKeep-Alive: timeout=5\r\nConnection: keep-alive\r\n"));

        Send(server, Get(server, "/")).Headers.ShouldBe(
            [new("content-length", "1"), new("content-type", "text/plain"), new("set-cookie", "a=1, b\nc=2"), new("x-a", "1, 2")]);
    }

    [Fact]
    public void No_cookie_is_kept_from_one_request_to_the_next()
    {
        using var server = new LocalServer(_ => LocalServer.Ok("", "Set-Cookie: a=1; Path=/\r\n"));

        Send(server, Get(server, "/"));
        Send(server, Get(server, "/"));
        server.Requests.ShouldAllBe(request => !request.Contains("Cookie", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void A_compressed_body_is_not_decompressed()
    {
        using var server = new LocalServer(_ => LocalServer.Ok("not really gzip", "Content-Encoding: gzip\r\n"));

        Text(Send(server, Get(server, "/"))).ShouldBe("not really gzip");
    }

    [Theory]
    [InlineData("")]
    [InlineData("other.test:PORT")]
    [InlineData("api.test")]
    [InlineData("api.test:1")]
    [InlineData("*.api.test:PORT")]
    [InlineData("127.0.0.1:PORT")]
    public void A_host_or_port_that_is_not_on_the_list_is_not_even_resolved(string allowed)
    {
        using var server = new LocalServer(_ => LocalServer.Ok("reached"));
        var hosts = allowed.Length == 0 ? [] : Hosts(allowed.Replace("PORT", $"{server.Port}", StringComparison.Ordinal));

        var refused = Should.Throw<SandboxException>(() => Http.Send(Get(server, "/"), hosts, Ample));
        refused.Code.ShouldBe(ErrorCodes.HttpHostDenied);
        refused.Message.ShouldContain($"api.test:{server.Port}");
        _resolved.ShouldBeEmpty();
        server.Connections.ShouldBe(0);
    }

    [Theory]
    [InlineData("*.api.test:PORT", "http://x.api.test:PORT/")]
    [InlineData("*.api.test:PORT", "http://x.y.api.test:PORT/")]
    [InlineData("127.0.0.1:PORT", "http://127.0.0.1:PORT/")]
    [InlineData("127.0.0.1:PORT", "http://2130706433:PORT/")]
    public void Names_below_a_wildcard_and_addresses_are_reached(string allowed, string url)
    {
        using var server = new LocalServer(_ => LocalServer.Ok("reached"));
        var port = server.Port.ToString(CultureInfo.InvariantCulture);

        Text(Http.Send(
            new() { Url = url.Replace("PORT", port, StringComparison.Ordinal) },
            Hosts(allowed.Replace("PORT", port, StringComparison.Ordinal)),
            Ample)).ShouldBe("reached");
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1", "2130706433")]
    [InlineData("127.0.0.1", "0x7f000001")]
    [InlineData("127.0.0.1", "0x7f.0.0.1")]
    [InlineData("127.0.0.1", "017700000001")]
    [InlineData("127.0.0.1", "0177.0.0.1")]
    [InlineData("127.0.0.1", "127.1")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:127.0.0.1]", "[::ffff:7f00:1]")]
    [InlineData("[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]")]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("[::]", "[::]")]
    [InlineData("localhost", "localhost")]
    public void What_leads_to_the_machine_or_its_network_is_denied_even_where_the_list_names_it(string allowed, string host)
    {
        using var server = new LocalServer(_ => LocalServer.Ok("reached"));
        using var http = new OutboundHttp();

        var refused = Should.Throw<SandboxException>(
            () => http.Send(new() { Url = $"http://{host}:{server.Port}/" }, Hosts($"{allowed}:{server.Port}"), Ample));
        refused.Code.ShouldBe(ErrorCodes.HttpAddressDenied);
        server.Connections.ShouldBe(0);
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("[::ffff:169.254.169.254]")]
    [InlineData("[fd00:ec2::254]")]
    [InlineData("224.0.0.1")]
    [InlineData("meta.example.test")]
    public void Metadata_and_link_local_addresses_are_denied_even_where_private_networks_are_allowed(string host) =>
        Should.Throw<SandboxException>(() => Http.Send(new() { Url = $"http://{host}/" }, Hosts(host), Ample))
            .Code.ShouldBe(ErrorCodes.HttpAddressDenied);

    [Fact]
    public void A_name_is_resolved_once_and_only_the_addresses_that_were_judged_are_connected_to()
    {
        using var server = new LocalServer(_ => LocalServer.Ok("reached"));

        Text(Http.Send(new() { Url = $"http://both.test:{server.Port}/" }, Hosts($"both.test:{server.Port}"), Ample)).ShouldBe("reached");
        _resolved.ShouldBe(["both.test"]);
    }

    [Fact]
    public void A_redirect_is_followed_and_judged_like_a_request()
    {
        using var server = new LocalServer(request => Path(request) switch
        {
            "/relative" => LocalServer.Redirect(302, "sub/../end?x"),
            "/denied" => LocalServer.Redirect(302, "http://evil.test/"),
            "/private" => LocalServer.Redirect(307, "http://meta.test/latest"),
            "/literal" => LocalServer.Redirect(301, "http://169.254.169.254/latest"),
            "/file" => LocalServer.Redirect(301, "file:///etc/passwd"),
            "/user" => LocalServer.Redirect(301, "http://a:b@api.test/"),
            "/bad" => LocalServer.Redirect(301, "http://[/"),
            "/loop" => LocalServer.Redirect(302, "/loop"),
            "/nowhere" => "HTTP/1.1 302 Found\r\nContent-Length: 4\r\n\r\nbody",
            _ => LocalServer.Ok(Path(request)),
        });

        Text(Send(server, Get(server, "/relative"))).ShouldBe("/end?x");
        Text(Send(server, Get(server, "/nowhere"))).ShouldBe("body");
        Fails("/denied", ErrorCodes.HttpHostDenied).ShouldContain("evil.test");
        Fails("/private", ErrorCodes.HttpAddressDenied, "meta.test");
        Fails("/literal", ErrorCodes.HttpAddressDenied, "169.254.169.254");
        Fails("/literal", ErrorCodes.HttpHostDenied);
        Fails("/file", ErrorCodes.HttpFailed).ShouldContain("\"file\"");
        Fails("/user", ErrorCodes.HttpFailed).ShouldContain("user's name");
        Fails("/bad", ErrorCodes.HttpFailed).ShouldContain("no URL");
        var before = server.Requests.Count;
        Fails("/loop", ErrorCodes.HttpFailed).ShouldContain("more than 5 redirects");
        (server.Requests.Count - before).ShouldBe(6);

        string Fails(string path, string code, string also = "other.test")
        {
            var refused = Should.Throw<SandboxException>(() => Http.Send(Get(server, path), Hosts($"api.test:{server.Port}", also), Ample));
            refused.Code.ShouldBe(code);
            return refused.Message;
        }
    }

    [Theory]
    [InlineData(301, "POST", "GET", "")]
    [InlineData(302, "POST", "GET", "")]
    [InlineData(303, "PUT", "GET", "")]
    [InlineData(302, "PUT", "PUT", "body")]
    [InlineData(307, "POST", "POST", "body")]
    [InlineData(308, "POST", "POST", "body")]
    public void A_redirect_keeps_method_and_body_or_drops_both(int status, string method, string expected, string body)
    {
        using var server = new LocalServer(request => Path(request) == "/" ? LocalServer.Redirect(status, "/end") : LocalServer.Ok(""));

        Send(server, Get(server, "/") with { Method = method, Body = "body"u8.ToArray(), Headers = [new("Content-Type", "text/plain")] });
        var second = server.Requests.Last();
        second.ShouldStartWith($"{expected} /end ");
        second.ShouldEndWith($"\r\n\r\n{body}");
        second.Contains("Content-Type", StringComparison.Ordinal).ShouldBe(body.Length > 0);
    }

    [Fact]
    public void Credentials_stay_with_the_server_that_they_were_for()
    {
        using var other = new LocalServer(_ => LocalServer.Ok(""));
        using var server = new LocalServer(request => Path(request) switch
        {
            "/here" => LocalServer.Redirect(302, "/end"),
            "/port" => LocalServer.Redirect(302, $"http://api.test:{other.Port}/"),
            "/name" => LocalServer.Redirect(302, $"http://www.test:{other.Port}/"),
            _ => LocalServer.Ok(""),
        });
        var hosts = Hosts($"api.test:{server.Port}", $"api.test:{other.Port}", $"www.test:{other.Port}");
        ImmutableArray<KeyValuePair<string, string>> headers = [new("authorization", "Bearer x"), new("COOKIE", "a=b"), new("X-Kept", "1")];

        foreach (var path in new[] { "/here", "/port", "/name" })
        {
            Http.Send(Get(server, path) with { Headers = headers }, hosts, Ample).Status.ShouldBe(200);
        }

        server.Requests.Last(request => Path(request) == "/end").ShouldContain("Bearer x");
        other.Requests.Count.ShouldBe(2);
        other.Requests.ShouldAllBe(request => request.Contains("X-Kept: 1") && !request.Contains("Bearer x") && !request.Contains("a=b"));
    }

    [Fact]
    public void A_redirect_away_from_https_is_not_followed()
    {
        var request = CheckedRequest.Of(new() { Url = "https://api.test/" }, 0);

        Should.Throw<SandboxException>(() => request.Redirected(To("http://api.test/"))).Message.ShouldContain("away from https");
        request.Redirected(To("https://api.test:444/"))!.Url.AbsoluteUri.ShouldBe("https://api.test:444/");
        request.Redirected(To("//www.test/x"))!.Url.AbsoluteUri.ShouldBe("https://www.test/x");
        CheckedRequest.Of(new() { Url = "http://api.test/" }, 0).Redirected(To("https://api.test/"))!.Url.Scheme.ShouldBe("https");

        static HttpResponseMessage To(string location)
        {
            var response = new HttpResponseMessage(HttpStatusCode.Found);
            response.Headers.TryAddWithoutValidation("Location", location);
            return response;
        }
    }

    [Theory]
    [InlineData("/x")]
    [InlineData("api.test")]
    [InlineData("ftp://api.test/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http:///x")]
    [InlineData("http://user@api.test/")]
    [InlineData("http://user:secret@api.test/")]
    [InlineData("http://api.test/ HTTP/1.1\r\nX: y")]
    [InlineData("http://api.test/\n")]
    [InlineData("http://api.test/a b")]
    [InlineData("http://bücher.test/")]
    [InlineData("http://①②⑦.0.0.1/")]
    [InlineData("http://[fe80::1%25eth0]/")]
    [InlineData("http://api.test:99999/")]
    [InlineData("")]
    public void A_url_that_is_none_is_refused(string url)
    {
        var refused = Should.Throw<SandboxException>(() => Http.Send(new() { Url = url }, Hosts("api.test"), Ample));

        refused.Code.ShouldBe(ErrorCodes.HttpRequestInvalid);
        refused.Message.ShouldNotContain("secret");
        _resolved.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET /x HTTP/1.1\r\nX: y\r\n\r\n")]
    [InlineData("CONNECT")]
    [InlineData("trace")]
    [InlineData("G ET")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG")]
    public void A_method_that_is_none_is_refused(string method) =>
        Should.Throw<SandboxException>(() => Http.Send(new() { Url = "http://api.test/", Method = method }, Hosts("api.test"), Ample))
            .Code.ShouldBe(ErrorCodes.HttpRequestInvalid);

    [Theory]
    [InlineData("X-A", "1\r\nX-B: 2")]
    [InlineData("X-A", "1\n")]
    [InlineData("X-A", "1\0")]
    [InlineData("X-A", "ä")]
    [InlineData("X-A\r\nX-B", "1")]
    [InlineData("X A", "1")]
    [InlineData("X-A:", "1")]
    [InlineData("", "1")]
    [InlineData("Host", "internal.test")]
    [InlineData("host", "internal.test")]
    [InlineData("Content-Length", "100")]
    [InlineData("Transfer-Encoding", "chunked")]
    [InlineData("Connection", "close")]
    [InlineData("Proxy-Authorization", "x")]
    [InlineData("Upgrade", "h2c")]
    [InlineData("Expect", "100-continue")]
    [InlineData("TE", "trailers")]
    [InlineData("Trailer", "X")]
    public void A_header_that_could_make_the_request_another_is_refused(string name, string value)
    {
        using var server = new LocalServer(_ => LocalServer.Ok(""));

        Should.Throw<SandboxException>(() => Send(server, Get(server, "/") with { Headers = [new(name, value)] }))
            .Code.ShouldBe(ErrorCodes.HttpRequestInvalid);
        server.Connections.ShouldBe(0);
    }

    [Fact]
    public void Whatever_a_guest_puts_into_a_request_one_request_arrives_with_no_more_than_that()
    {
        using var server = new LocalServer(_ => LocalServer.Ok(""));
        var pieces = Gen.Elements("a", "-", "X-", "\r\n", "\n", "\r", " ", "\t", ":", ": ", "\0", "é", "\u0100", "\ud800", "/", "%0d%0a", "HTTP/1.1", "?", "#", "\\");
        var texts = Gen.OneOf(pieces, pieces.ListOf().Select(list => string.Concat(list)), Gen.Constant("X-A"));
        var requests = texts.SelectMany(name => texts.SelectMany(value => texts.Select(path => (name, value, path))));
        var sent = 0;

        Prop.ForAll(requests.ToArbitrary(), made =>
        {
            var before = server.Requests.Count;
            try
            {
                Send(server, Get(server, $"/{made.path}") with { Headers = [new(made.name, made.value)] });
            }
            catch (SandboxException e)
            {
                e.Code.ShouldBe(ErrorCodes.HttpRequestInvalid);
                server.Requests.Count.ShouldBe(before);
                return;
            }

            sent++;
            server.Requests.Count.ShouldBe(before + 1);
            var lines = server.Requests.Last().Split("\r\n");
            lines.Length.ShouldBe(5);
            lines[0].ShouldMatch("^GET /[^ ]* HTTP/1.1$");
            lines[1].ShouldBe($"Host: api.test:{server.Port}");
            lines[2].ShouldStartWith($"{made.name}: ");
            lines[2][(made.name.Length + 2)..].Trim().ShouldBe(made.value.Trim());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
        sent.ShouldBeGreaterThan(10);
    }

    [Fact]
    public void Whatever_url_a_guest_states_only_the_host_on_the_list_is_looked_up()
    {
        var pieces = Gen.Elements(
            "http://", "https://", "HTTP:", "//", "api.test", "evil.test", "xn--", "xn--zz-", ".", "..", "@", ":", ":80", ":0", "/", "\\", "?", "#", "%", "%2e",
            "%40", "[", "]", "::1", "127.0.0.1", "0x7f", "2130706433", "ü", "①", "。", "\u00AD", "\t", " ", "\0", "\ud800", "-", "_");
        var urls = Gen.OneOf(
            pieces.ListOf().Select(list => string.Concat(list)),
            pieces.ListOf().Select(list => $"http://{string.Concat(list)}"),
            Gen.OneOf(Gen.Constant(""), pieces).SelectMany(a => pieces.Select(b => $"http://{a}api.test{b}")));
        var found = 0;

        Prop.ForAll(urls.ToArbitrary(), url =>
        {
            try
            {
                Http.Send(new() { Url = url }, Hosts("api.test"), Ample);
                found++;
            }
            catch (SandboxException e)
            {
                e.Code.ShouldBeOneOf(ErrorCodes.HttpRequestInvalid, ErrorCodes.HttpHostDenied, ErrorCodes.HttpFailed);
                found += e.Code == ErrorCodes.HttpFailed ? 1 : 0;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_500));
        found.ShouldBeGreaterThan(10);
        _resolved.Select(name => name.TrimEnd('.')).Distinct().ShouldBe(["api.test"]);
    }

    [Fact]
    public void Whatever_bytes_are_read_as_a_request_it_is_one_or_refused()
    {
        var valid = """{"method":"POST","url":"http://a.test/\u00e4","headers":{"accept":"*/*","x":"1"}}"""u8.ToArray();
        var random = new System.Random(11);

        OutboundHttpRequest.Parse(valid).Headers.Length.ShouldBe(2);
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = valid.ToArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : bytes[random.Next(bytes.Length)];
            }

            try
            {
                OutboundHttpRequest.Parse(bytes.AsMemory(0, random.Next(8) == 0 ? random.Next(bytes.Length) : bytes.Length)).Url.ShouldNotBeNull();
            }
            catch (SandboxException e)
            {
                e.Code.ShouldBe(ErrorCodes.HttpRequestInvalid);
            }
        }
    }

    [Fact]
    public void A_server_must_prove_who_it_is()
    {
        using var key = RSA.Create(2_048);
        var made = new CertificateRequest("CN=api.test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = made.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await using var secure = new SslStream(client.GetStream());
            await secure.AuthenticateAsServerAsync(certificate);
            return await secure.ReadAsync(new byte[1]);
        });

        var refused = Should.Throw<SandboxException>(() => Http.Send(new() { Url = $"https://api.test:{port}/" }, Hosts($"api.test:{port}"), Ample));
        refused.Code.ShouldBe(ErrorCodes.HttpFailed);
        refused.Message.ShouldContain("certificate");
    }

    [Fact]
    public void Headers_are_capped_in_number_and_bytes()
    {
        using var server = new LocalServer(_ => LocalServer.Ok(""));
        var many = Enumerable.Range(0, 101).Select(i => KeyValuePair.Create($"X-{i}", "1")).ToImmutableArray();

        Send(server, Get(server, "/") with { Headers = many[1..] }).Status.ShouldBe(200);
        Refused(many).ShouldBe(100);
        Refused([new("X", new string('a', 16_384))]).ShouldBe(16_384);

        long? Refused(ImmutableArray<KeyValuePair<string, string>> headers)
        {
            var refused = Should.Throw<SandboxException>(() => Send(server, Get(server, "/") with { Headers = headers }));
            refused.Code.ShouldBe(ErrorCodes.HttpRequestInvalid);
            return refused.Limit;
        }
    }

    [Fact]
    public void A_body_over_its_limit_is_not_sent()
    {
        using var server = new LocalServer(_ => LocalServer.Ok(""));

        Send(server, Get(server, "/") with { Method = "POST", Body = new byte[1_000] }).Status.ShouldBe(200);
        var refused = Should.Throw<SandboxException>(() => Send(server, Get(server, "/") with { Method = "POST", Body = new byte[1_001] }));
        (refused.Code, refused.Limit, refused.Value).ShouldBe((ErrorCodes.HttpRequestTooLarge, 1_000, 1_001));
    }

    [Fact]
    public void A_response_over_its_limit_is_not_read_to_its_end()
    {
        using var server = new LocalServer((request, stream) =>
        {
            switch (Path(request))
            {
                case "/fits":
                    stream.Write(Encoding.Latin1.GetBytes(LocalServer.Ok(new string('x', 10_000))));
                    break;
                case "/stated":
                    stream.Write("HTTP/1.1 200 OK\r\nContent-Length: 10001\r\n\r\n"u8);
                    break;
                case "/headers":
                    stream.Write(Encoding.Latin1.GetBytes(LocalServer.Ok("", $"X: {new string('x', 40_000)}\r\n")));
                    break;
                default:
                    stream.Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8);
                    while (true)
                    {
                        stream.Write("5\r\nhello\r\n"u8);
                    }
            }
        });

        Send(server, Get(server, "/fits")).Body.Length.ShouldBe(10_000);
        foreach (var path in new[] { "/stated", "/endless" })
        {
            var refused = Should.Throw<SandboxException>(() => Send(server, Get(server, path)));
            (refused.Code, refused.Limit).ShouldBe((ErrorCodes.HttpResponseTooLarge, 10_000));
            refused.Value!.Value.ShouldBeGreaterThan(10_000);
        }

        Send(server, Get(server, "/stated") with { Method = "HEAD" }).Headers.ShouldContain(new KeyValuePair<string, string>("content-length", "10001"));
        Should.Throw<SandboxException>(() => Send(server, Get(server, "/headers"))).Code.ShouldBe(ErrorCodes.HttpFailed);
    }

    [Fact]
    public void What_is_no_http_is_a_failure()
    {
        using var server = new LocalServer(request => Path(request) switch
        {
            "/switch" => "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nraw",
            "/short" => "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nx",
            _ => "220 mail ESMTP\r\n",
        });

        foreach (var path in new[] { "/switch", "/short", "/mail" })
        {
            Should.Throw<SandboxException>(() => Send(server, Get(server, path))).Code.ShouldBe(ErrorCodes.HttpFailed);
        }
    }

    [Fact]
    public void Where_nobody_listens_or_no_name_is_found_it_is_a_failure_with_its_reason()
    {
        int port;
        using (var server = new LocalServer(_ => ""))
        {
            port = server.Port;
        }

        var refused = Should.Throw<SandboxException>(() => Http.Send(new() { Url = $"http://api.test:{port}/" }, Hosts($"api.test:{port}"), Ample));
        refused.Code.ShouldBe(ErrorCodes.HttpFailed);
        refused.Message.ShouldContain("refused");
        Should.Throw<SandboxException>(() => Http.Send(new() { Url = "http://none.test/" }, Hosts("none.test"), Ample))
            .Code.ShouldBe(ErrorCodes.HttpFailed);
    }

    [Theory]
    [InlineData("/silent")]
    [InlineData("/slow_head")]
    [InlineData("/slow_body")]
    [InlineData("/redirects")]
    public void A_slow_server_is_left_when_patience_ends(string path)
    {
        _options = _options with { MaxRedirects = int.MaxValue };
        using var server = new LocalServer((request, stream) =>
        {
            stream.Write(Encoding.Latin1.GetBytes(Path(request) switch
            {
                "/slow_head" => "HTTP/1.1 200 OK\r\nX: ",
                "/slow_body" => "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
                "/redirects" => LocalServer.Redirect(302, "/redirects"),
                _ => "",
            }));
            while (Path(request) != "/redirects")
            {
                Thread.Sleep(20);
                stream.Write(Path(request) == "/silent" ? ""u8 : "x"u8);
            }
        });

        // On a busy machine even the request may take a while to be sent.
        for (var patience = TimeSpan.FromMilliseconds(200); server.Requests.IsEmpty; patience *= 2)
        {
            Should.Throw<TimeoutException>(() => Http.Send(Get(server, path), Hosts($"api.test:{server.Port}"), patience));
        }
    }

    [Fact]
    public void A_resolver_that_never_answers_is_left_when_patience_ends_or_connecting_takes_too_long()
    {
        using var stuck = new OutboundHttp(
            new() { ConnectTimeout = TimeSpan.FromMilliseconds(200) },
            async (_, cancellation) =>
            {
                await Task.Delay(Timeout.Infinite, cancellation);
                return [];
            });

        Should.Throw<TimeoutException>(() => stuck.Send(new() { Url = "http://api.test/" }, Hosts("api.test"), TimeSpan.FromMilliseconds(50)));
        var refused = Should.Throw<SandboxException>(() => stuck.Send(new() { Url = "http://api.test/" }, Hosts("api.test"), Ample));
        refused.Code.ShouldBe(ErrorCodes.HttpFailed);
        refused.Message.ShouldContain("no connection within");
        Should.Throw<TimeoutException>(() => stuck.Send(new() { Url = "http://api.test/" }, Hosts("api.test"), TimeSpan.Zero));
    }

    public void Dispose() => _http?.Dispose();

    private static ImmutableArray<AllowedHost> Hosts(params string[] hosts) => [.. hosts.Select(AllowedHost.Parse)];

    private static OutboundHttpRequest Get(LocalServer server, string path) => new() { Url = $"http://api.test:{server.Port}{path}" };

    private static string Path(string request) => request.Split(' ')[1];

    private static string Text(OutboundHttpResponse response) => Encoding.Latin1.GetString(response.Body.Span);

    private OutboundHttpResponse Send(LocalServer server, OutboundHttpRequest request) =>
        Http.Send(request, Hosts(string.Create(CultureInfo.InvariantCulture, $"api.test:{server.Port}")), Ample);
}
