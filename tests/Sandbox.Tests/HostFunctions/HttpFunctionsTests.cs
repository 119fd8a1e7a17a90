using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using HeliosEdge.Sandbox.Abi.Helios1;
using HeliosEdge.Sandbox.HostServices.Http;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Tests.Http;

namespace HeliosEdge.Sandbox.Tests.HostFunctions;

public sealed class HttpFunctionsTests
{
    private readonly GuestLines _log = new();
    private ResourceLimits _limits = new() { MaxPayloadBytes = 3 << 20, MaxResponseBytes = 2 << 20, TimeoutMs = 30_000 };
    private GuestSettings _settings = GuestSettings.None;

    [Fact]
    public void A_guest_gets_head_and_body_of_a_response()
    {
        using var server = new LocalServer(_ => LocalServer.Ok("a\0\u00FFz", "X-A: \"1\"\r\n"));
        using var http = new OutboundHttp(new() { AllowPrivateNetworks = true });

        var (head, body) = Answer(Invoke("fetch", Request(server, "\"method\":\"PUT\",\"headers\":{\"x-b\":\"2\"}", "sent\0\u00FE"), http));
        head.ShouldBe("""{"status":200,"headers":{"content-length":"4","x-a":"\u00221\u0022"}}""");
        body.ShouldBe([(byte)'a', 0, 0xFF, (byte)'z']);
        server.Requests.ShouldHaveSingleItem().ShouldBe(
            $"PUT / HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\nx-b: 2\r\nContent-Length: 6\r\n\r\nsent\0\u00FE");
    }

    [Fact]
    public void A_large_body_and_an_empty_one_come_as_they_are()
    {
        using var server = new LocalServer(request => LocalServer.Ok(request.StartsWith("GET", StringComparison.Ordinal) ? new string('x', 1 << 20) : ""));
        using var http = new OutboundHttp(new() { AllowPrivateNetworks = true });

        Answer(Invoke("fetch", Request(server), http)).Body.Length.ShouldBe(1 << 20);
        Answer(Invoke("fetch", Request(server, "\"method\":\"DELETE\""), http)).Body.ShouldBeEmpty();
    }

    [Fact]
    public void What_is_denied_is_told_to_the_guest_and_why_to_the_log()
    {
        using var server = new LocalServer(_ => LocalServer.Ok("reached"));
        using var open = new OutboundHttp(new() { AllowPrivateNetworks = true });
        using var closed = new OutboundHttp();

        Code("fetch", Request(server), closed).ShouldBe(-9);
        _log.Lines.ShouldHaveSingleItem().ShouldContain("has no address that functions may reach");
        _log.Lines.Clear();
        var request = Request(server);
        _settings = new() { AllowedHosts = ["api.example.com"] };
        Code("fetch", request, open).ShouldBe(-9);
        _log.Lines.ShouldHaveSingleItem().ShouldContain("allowed hosts do not include it");
        _settings = GuestSettings.None;
        Code("fetch", request, open).ShouldBe(-9);
        server.Connections.ShouldBe(0);
    }

    [Theory]
    [InlineData("", "no JSON")]
    [InlineData("{", "no JSON")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("{}", "needs a url")]
    [InlineData("{\"url\":null}", "a string for url")]
    [InlineData("{\"url\":\"http://a.test/\",\"method\":1}", "a string for method")]
    [InlineData("{\"url\":\"http://a.test/\",\"headers\":[]}", "an object of strings for headers")]
    [InlineData("{\"url\":\"http://a.test/\",\"headers\":{\"a\":1}}", "a string for each of its headers")]
    [InlineData("{\"url\":\"http://a.test/\",\"header\":{}}", "\"header\", which is unknown")]
    [InlineData("{\"url\":\"http://a.test/\",\"url\":\"http://b.test/\"}", "no JSON")]
    [InlineData("{\"url\":\"\\ud800\"}", "no Unicode")]
    [InlineData("{\"\\ud800\":1}", "no Unicode")]
    [InlineData("{\"url\":\"ftp://a.test/\"}", "not of http or https")]
    [InlineData("{\"url\":\"http://a.test/\",\"headers\":{\"\\ud800\":\"1\"}}", "no Unicode")]
    public void A_request_that_is_none_fails_with_the_reason_in_the_log(string request, string reason)
    {
        using var http = new OutboundHttp();

        Code("fetch", Encoding.UTF8.GetBytes(request), http).ShouldBe(-5);
        _log.Lines.ShouldHaveSingleItem().ShouldContain(reason);
    }

    [Fact]
    public void What_is_wrong_with_pointers_and_lengths_is_told_to_the_guest()
    {
        using var http = new OutboundHttp();

        Code("fetch_null", [], http).ShouldBe(-6);
        Code("fetch_null_length", [], http).ShouldBe(-7);
        Code("fetch_outside", [], http).ShouldBe(-2);
        Code("fetch_everything", "{}"u8.ToArray(), http).ShouldBe(-4);
        Code("fetch", Encoding.UTF8.GetBytes(new string(' ', 65_537)), http).ShouldBe(-4);
        Code("fetch", [0xFF], http).ShouldBe(-3);
    }

    [Fact]
    public void Without_outbound_http_it_fails()
    {
        Code("fetch", "{}"u8.ToArray(), null).ShouldBe(-5);
        _log.Lines.ShouldHaveSingleItem().ShouldContain("no outbound HTTP");
    }

    [Theory]
    [InlineData("fetch")]
    [InlineData("fetch_or_trap")]
    public void A_guest_that_waits_for_a_slow_server_has_timed_out_whatever_it_does_then(string entry)
    {
        using var server = new LocalServer((_, stream) => stream.ReadByte());
        using var http = new OutboundHttp(new() { AllowPrivateNetworks = true });
        _limits = _limits with { TimeoutMs = 200 };

        var failure = Should.Throw<SandboxException>(() => Invoke(entry, Request(server), http));
        failure.Code.ShouldBe(ErrorCodes.Timeout);
        failure.Limit.ShouldBe(200);
        failure.Value!.Value.ShouldBeInRange(200, 20_000);
    }

    [Theory]
    [InlineData("fetch")]
    [InlineData("fetch_or_trap")]
    public void A_guest_that_was_told_of_its_deadline_has_timed_out_however_early_that_was(string entry) =>
        Should.Throw<SandboxException>(() => Invoke(entry, "{\"url\":\"http://a.test/\"}"u8.ToArray(), new Impatient()))
            .Code.ShouldBe(ErrorCodes.Timeout);

    [Fact]
    public void A_guest_that_answers_after_its_deadline_has_timed_out()
    {
        _limits = _limits with { TimeoutMs = 20 };

        Should.Throw<SandboxException>(() => Invoke("fetch", "{\"url\":\"http://a.test/\"}"u8.ToArray(), new Late()))
            .Code.ShouldBe(ErrorCodes.Timeout);
    }

    [Fact]
    public async Task A_guest_is_told_when_its_function_has_too_many_requests_at_once_and_the_log_has_the_numbers()
    {
        using var answering = new ManualResetEventSlim();
        using var server = new LocalServer(_ =>
        {
            answering.Wait(TimeSpan.FromSeconds(30));
            return LocalServer.Ok("");
        });
        using var http = new OutboundHttp(new() { AllowPrivateNetworks = true });
        _limits = _limits with { MaxHttpRequests = 1 };
        var request = Request(server);
        var other = Task.Factory.StartNew(() => Invoke("fetch", request, http), TaskCreationOptions.LongRunning);
        SpinWait.SpinUntil(() => !server.Requests.IsEmpty || other.IsCompleted, TimeSpan.FromSeconds(30)).ShouldBeTrue();

        Code("fetch", request, http).ShouldBe(-11);
        _log.Lines.ShouldHaveSingleItem().ShouldContain("2 requests; the limit is 1 requests");
        answering.Set();
        Answer(await other).Head.ShouldContain("200");
        Answer(Invoke("fetch", request, http)).Head.ShouldContain("200");
    }

    [Fact]
    public void It_needs_the_capability()
    {
        using var module = Guests.Compile("http");

        Should.Throw<SandboxException>(() => new Helios1Abi().CheckModule(module, "fetch", _limits, SecurityProfile.Resolve("compute", [])))
            .Message.ShouldContain("heliosdb.http_fetch needs http.outbound");
    }

    private static (string Head, byte[] Body) Answer(byte[] response)
    {
        var head = BinaryPrimitives.ReadInt32LittleEndian(response);
        return (Encoding.UTF8.GetString(response.AsSpan(4, head)), response[(4 + head)..]);
    }

    private byte[] Request(LocalServer server, string members = "\"method\":\"GET\"", string body = "")
    {
        _settings = new() { AllowedHosts = [$"127.0.0.1:{server.Port}"] };
        return Encoding.Latin1.GetBytes($"{{\"url\":\"http://127.0.0.1:{server.Port}/\",{members}}}\n{body}");
    }

    private int Code(string entry, byte[] payload, IOutboundHttp? http)
    {
        var response = Invoke(entry, payload, http);
        response.Length.ShouldBe(4, Encoding.UTF8.GetString(response));
        return BinaryPrimitives.ReadInt32LittleEndian(response);
    }

    private byte[] Invoke(string entry, byte[] payload, IOutboundHttp? http)
    {
        using var module = Guests.Compile("http");
        var profile = SecurityProfile.Resolve(null, ["http.outbound"]);
        var abi = new Helios1Abi();
        abi.CheckModule(module, entry, _limits, profile);
        var response = new ArrayBufferWriter<byte>();
        var services = new HostServiceSet { Log = _log, Services = http is null ? [] : [http] };
        abi.Invoke(module, entry, payload, _limits, response, new SandboxScope("f", "eu", profile, _limits, services, _settings));
        return response.WrittenSpan.ToArray();
    }

    private sealed class Impatient : IOutboundHttp
    {
        public int MaxRequestBytes => 0;

        public OutboundHttpResponse Send(OutboundHttpRequest request, OutboundHttpSender sender, TimeSpan patience, CancellationToken cancellationToken = default) =>
            throw new TimeoutException();
    }

    private sealed class Late : IOutboundHttp
    {
        public int MaxRequestBytes => 0;

        public OutboundHttpResponse Send(OutboundHttpRequest request, OutboundHttpSender sender, TimeSpan patience, CancellationToken cancellationToken = default)
        {
            Thread.Sleep(patience + TimeSpan.FromMilliseconds(1));
            return new OutboundHttpResponse { Status = 200 };
        }
    }
}
