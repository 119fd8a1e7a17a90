using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using HeliosEdge.Sandbox.HostServices.Http;

namespace HeliosEdge.Sandbox.Tests.Http;

/// <summary>Requests over https. Names of .test all lead to loopback, where the only server is.</summary>
public sealed class OutboundTlsTests : IDisposable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(30);

    private readonly TestAuthority _trusted = TestAuthority.Make("trusted");
    private readonly TestAuthority _stranger = TestAuthority.Make("stranger");
    private readonly List<OutboundHttp> _clients = [];

    [Fact]
    public async Task A_server_with_a_certificate_of_a_trusted_authority_is_spoken_to_by_the_name_that_the_guest_stated()
    {
        await using var server = await HttpsServer.StartAsync(_trusted.Issue("api.test"));

        var response = Send(server, "api.test", "/a?b", _stranger, _trusted);

        (response.Status, Encoding.UTF8.GetString(response.Body.Span)).ShouldBe((200, "sent"));
        response.Headers.ShouldContain(new KeyValuePair<string, string>("x-protocol", "HTTP/1.1"));
        server.Requests.ShouldHaveSingleItem().ShouldBe(($"api.test:{server.Port}", "/a"));
        server.Names.ShouldBe(["api.test"]);
    }

    [Fact]
    public async Task A_certificate_may_be_for_an_address_and_for_all_names_below_one()
    {
        await using var address = await HttpsServer.StartAsync(_trusted.Issue("127.0.0.1"));
        await using var wildcard = await HttpsServer.StartAsync(_trusted.Issue("*.api.test"));

        Send(address, "127.0.0.1", "/", _trusted).Status.ShouldBe(200);
        Send(wildcard, "x.api.test", "/", _trusted).Status.ShouldBe(200);
        Fails(wildcard, "api.test", _trusted).ShouldContain("is for another name");
        Fails(wildcard, "x.y.api.test", _trusted).ShouldContain("is for another name");
    }

    [Fact]
    public async Task Authorities_on_the_way_to_a_trusted_one_come_with_the_certificate()
    {
        using var between = _trusted.Below("between");
        using var certificate = between.Issue("api.test");
        using var known = X509CertificateLoader.LoadCertificate(between.Certificate.RawData);
        await using var whole = await HttpsServer.StartAsync(certificate, known);
        await using var alone = await HttpsServer.StartAsync(certificate);

        Send(whole, "api.test", "/", _trusted).Status.ShouldBe(200);
        Fails(alone, "api.test", _trusted).ShouldContain("not issued by an authority that this silo trusts");
    }

    [Fact]
    public async Task An_untrusted_server_is_sent_nothing()
    {
        await using var server = await HttpsServer.StartAsync(_stranger.Issue("api.test"));

        Fails(server, "api.test", _trusted).ShouldContain("CN=api.test was not issued by an authority that this silo trusts");
        Fails(server, "api.test").ShouldContain("was not issued by an authority that this silo trusts");
        server.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("other.test")]
    [InlineData("127.0.0.1")]
    public async Task A_server_of_another_name_is_sent_nothing_although_its_address_was_judged(string name)
    {
        await using var server = await HttpsServer.StartAsync(_trusted.Issue(name));

        Fails(server, "api.test", _trusted).ShouldContain($"CN={name} is for another name");
        server.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(-1, -0.5)]
    [InlineData(0.5, 1)]
    public async Task A_server_whose_certificate_is_not_valid_now_is_sent_nothing(double from, double until)
    {
        using var certificate = _trusted.Issue("api.test", from, until);
        await using var server = await HttpsServer.StartAsync(certificate);

        Fails(server, "api.test", _trusted).ShouldContain($"CN=api.test is from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u}");
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_authority_that_has_expired_is_named()
    {
        using var expired = TestAuthority.Make("expired", untilDays: -0.5);
        await using var server = await HttpsServer.StartAsync(expired.Issue("api.test", untilDays: -0.6));

        Fails(server, "api.test", expired).ShouldContain("is not valid now");
    }

    [Fact]
    public async Task A_certificate_for_clients_is_none_for_servers()
    {
        // Kestrel itself would not serve with it.
        using var certificate = _trusted.Issue("api.test", purpose: ClientAuthentication);
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await using var secure = new System.Net.Security.SslStream(client.GetStream());
            await secure.AuthenticateAsServerAsync(certificate);
            return await secure.ReadAsync(new byte[1]);
        });

        Fails(((IPEndPoint)listener.LocalEndpoint).Port, "api.test", _trusted).ShouldContain("is not one for servers");
    }

    [Fact]
    public async Task Each_server_on_the_way_of_a_redirect_must_prove_its_own_name()
    {
        await using var server = await HttpsServer.StartAsync(_trusted.Issue("api.test"));

        Send(server, "api.test", "/to/api.test", _trusted).Status.ShouldBe(200);
        var refused = Should.Throw<SandboxException>(() => Send(server, "api.test", "/to/other.test", _trusted));
        refused.Code.ShouldBe(ErrorCodes.HttpFailed);
        refused.Message.ShouldContain("other.test");
        refused.Message.ShouldContain("is for another name");
        server.Names.ShouldBe(["api.test", "api.test", "other.test"]);
        server.Requests.ShouldAllBe(request => request.Host.StartsWith("api.test:"));
    }

    [Fact]
    public async Task A_certificate_has_the_silo_fetch_nothing()
    {
        using var elsewhere = new LocalServer(_ => LocalServer.Ok(""));
        using var between = _trusted.Below("between");
        await using var server = await HttpsServer.StartAsync(between.Issue("api.test", issuerAt: $"http://127.0.0.1:{elsewhere.Port}/"));

        Fails(server, "api.test").ShouldContain("not issued by an authority");
        Fails(server, "api.test", _trusted).ShouldContain("not issued by an authority");
        elsewhere.Connections.ShouldBe(0);
    }

    public void Dispose()
    {
        _clients.ForEach(client => client.Dispose());
        _trusted.Dispose();
        _stranger.Dispose();
    }

    private OutboundHttpResponse Send(HttpsServer server, string host, string path, params TestAuthority[] authorities) =>
        Send(server.Port, host, path, authorities);

    private OutboundHttpResponse Send(int port, string host, string path, TestAuthority[] authorities)
    {
        var client = new OutboundHttp(
            new() { AllowPrivateNetworks = true, Authorities = [.. authorities.Select(authority => authority.Certificate)] },
            (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));
        _clients.Add(client);
        return client.Send(
            new() { Method = "POST", Url = $"https://{host}:{port}{path}", Body = "sent"u8.ToArray() },
            [AllowedHost.Parse($"{host}:{port}"), AllowedHost.Parse($"other.test:{port}")],
            Ample);
    }

    private string Fails(HttpsServer server, string host, params TestAuthority[] authorities) => Fails(server.Port, host, authorities);

    private string Fails(int port, string host, params TestAuthority[] authorities)
    {
        var refused = Should.Throw<SandboxException>(() => Send(port, host, "/", authorities));
        refused.Code.ShouldBe(ErrorCodes.HttpFailed);
        refused.Message.ShouldStartWith($"The HTTP request to {host}:{port} failed: ");
        return refused.Message;
    }
}
