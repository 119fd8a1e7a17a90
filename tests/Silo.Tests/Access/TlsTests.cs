using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using HeliosEdge.Access.Tls;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Access;

[Trait("Category", "Slow")]
public sealed class TlsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly X509Certificate2 _authority = Certificates.Authority("test authority");

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Both_versions_of_HTTP_are_spoken_over_TLS(string version)
    {
        Certificates.Write(Certificates.Server(_authority), File("silo.pem"));
        await using var silo = await StartAsync(new TlsOptions(File("silo.pem"), null, null));
        using var http = Client(silo, out _);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/functions")
        {
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var answer = await http.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Version.ShouldBe(Version.Parse(version));
    }

    [Fact]
    public async Task What_is_no_request_is_answered_with_problem_details_over_TLS_too()
    {
        Certificates.Write(Certificates.Server(_authority), File("silo.pem"));
        await using var silo = await StartAsync(new TlsOptions(File("silo.pem"), null, null));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, silo.Http.BaseAddress!.Port);
        await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");

        await tls.WriteAsync("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nPUT /v1/modules HTTP/1.1\r\nHost: localhost\r\nContent-Length: +0\r\n\r\n"u8.ToArray());

        var answer = await new StreamReader(tls).ReadToEndAsync();
        answer.ShouldStartWith("HTTP/1.1 200 ");
        answer.ShouldContain("HTTP/1.1 400 Bad Request\r\n");
        answer.ShouldEndWith("\"code\":\"malformed_request\"}");
    }

    [Theory]
    [InlineData("pem")]
    [InlineData("pfx")]
    public async Task A_private_key_may_have_a_password(string kind)
    {
        using var certificate = Certificates.Server(_authority);
        await System.IO.File.WriteAllTextAsync(File("password"), "s3cret\n");
        TlsOptions options;
        if (kind == "pem")
        {
            Certificates.Write(certificate, File("silo.pem"), File("silo.key"), "s3cret");
            options = new TlsOptions(File("silo.pem"), File("silo.key"), File("password"));
        }
        else
        {
            await System.IO.File.WriteAllBytesAsync(File("silo.pfx"), certificate.Export(X509ContentType.Pkcs12, "s3cret"));
            options = new TlsOptions(File("silo.pfx"), null, File("password"));
        }

        await using var silo = await StartAsync(options);
        using var http = Client(silo, out var seen);

        (await http.GetAsync("/v1/functions")).StatusCode.ShouldBe(HttpStatusCode.OK);
        seen().ShouldBe(certificate.Thumbprint);
    }

    [Fact]
    public async Task A_new_certificate_is_taken()
    {
        using var first = Certificates.Server(_authority);
        using var second = Certificates.Server(_authority);
        Certificates.Write(first, File("silo.pem"));
        await using var silo = await StartAsync(new TlsOptions(File("silo.pem"), null, null));
        (await SeenAsync(silo)).ShouldBe(first.Thumbprint);

        Certificates.Write(second, File("silo.pem"));

        await Eventually.HoldsAsync("the new one", async () => await SeenAsync(silo) == second.Thumbprint);
    }

    [Fact]
    public void While_what_is_there_is_no_certificate_the_last_good_one_stays()
    {
        using var first = Certificates.Server(_authority);
        using var second = Certificates.Server(_authority);
        var clock = new ManualClock();
        var reports = new List<string>();
        Certificates.Write(first, File("silo.pem"));
        var certificate = new TlsCertificate(new TlsOptions(File("silo.pem"), null, null), clock, reports.Add, TlsSettings.Server);

        System.IO.File.WriteAllText(File("silo.pem"), "no certificate");
        Touch("silo.pem");
        clock.Advance(TimeSpan.FromSeconds(10));
        certificate.Current.TargetCertificate.Thumbprint.ShouldBe(first.Thumbprint);
        reports.ShouldHaveSingleItem().ShouldContain("The one from before stays in use.");

        Certificates.Write(second, File("silo.pem"));
        Touch("silo.pem");
        Touch("silo.pem");
        clock.Advance(TimeSpan.FromSeconds(10));
        certificate.Current.TargetCertificate.Thumbprint.ShouldBe(second.Thumbprint);
    }

    [Fact]
    public async Task A_certificate_of_the_peers_authority_makes_a_peer_and_no_other_does()
    {
        using var server = Certificates.Server(_authority);
        Certificates.Write(server, File("silo.pem"));
        await System.IO.File.WriteAllTextAsync(File("peers.pem"), _authority.ExportCertificatePem());
        using var stranger = Certificates.Authority("test authority");
        await KeyHolder.AddKeyAsync(_folder.Path, "admin");
        await using var silo = await StartAsync(new TlsOptions(File("silo.pem"), null, null), File("peers.pem"));

        using var peer = Client(silo, out _, Certificates.Client(_authority, "silo-2"));
        using var unknown = Client(silo, out _, Certificates.Client(stranger, "silo-2"));
        using var mistaken = Client(silo, out _, server);
        using var none = Client(silo, out _);

        var problem = await Answer.ProblemAsync(await peer.GetAsync("/v1/keys"), HttpStatusCode.Forbidden, "forbidden");
        problem["detail"]!.GetValue<string>().ShouldContain("peer:silo-2");
        (await peer.GetAsync("/v1/peer/hello")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Should.ThrowAsync<HttpRequestException>(() => unknown.GetAsync("/v1/functions"));
        await Should.ThrowAsync<HttpRequestException>(() => mistaken.GetAsync("/v1/functions"));
        await Answer.ProblemAsync(await none.GetAsync("/v1/functions"), HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task A_certificate_that_is_shown_has_the_silo_fetch_nothing()
    {
        using var elsewhere = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        elsewhere.Start();
        Certificates.Write(Certificates.Server(_authority), File("silo.pem"));
        await System.IO.File.WriteAllTextAsync(File("peers.pem"), _authority.ExportCertificatePem());
        using var stranger = Certificates.Authority("strangers");
        await using var silo = await StartAsync(new TlsOptions(File("silo.pem"), null, null), File("peers.pem"));

        // This side must not look for the issuer either.
        using var shown = Certificates.ClientWithIssuerAt(stranger, "silo-2", $"http://{elsewhere.LocalEndpoint}/");
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        handler.SslOptions.ClientCertificateContext = System.Net.Security.SslStreamCertificateContext.Create(shown, null, offline: true);
        using var http = new HttpClient(handler) { BaseAddress = silo.Http.BaseAddress };

        await Should.ThrowAsync<HttpRequestException>(() => http.GetAsync("/v1/functions"));
        elsewhere.Pending().ShouldBeFalse();
    }

    [Fact]
    public async Task The_peer_key_makes_a_peer_and_no_other_does()
    {
        await System.IO.File.WriteAllTextAsync(File("peer.key"), new string('k', 40) + "\n");
        await KeyHolder.AddKeyAsync(_folder.Path, "admin");
        await using var silo = await TestSilo.StartAsync(
            _folder.Path, configure: options => options with { Access = new AccessOptions { PeerKeyFile = File("peer.key") } });

        async Task<HttpResponseMessage> GetAsync(string path, string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-Helios-Peer-Key", key } } };
            return await silo.Http.SendAsync(request);
        }

        (await GetAsync("/v1/peer/hello", new string('k', 40))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Answer.ProblemAsync(await GetAsync("/v1/keys", new string('k', 40)), HttpStatusCode.Forbidden, "forbidden");
        await Answer.ProblemAsync(await GetAsync("/v1/peer/hello", new string('k', 41)), HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Theory]
    [InlineData("nowhere.pem", null, "nowhere.pem")]
    [InlineData("text.pem", null, "text.pem cannot be used")]
    [InlineData("silo.pem", "nowhere.pem", "--peer-ca")]
    [InlineData("silo.pem", "text.pem", "holds no certificate")]
    public async Task A_file_that_is_none_keeps_the_silo_from_starting(string certificate, string? peers, string named)
    {
        Certificates.Write(Certificates.Server(_authority), File("silo.pem"));
        await System.IO.File.WriteAllTextAsync(File("text.pem"), "no certificate");

        var e = await Should.ThrowAsync<SiloStartException>(
            () => StartAsync(new TlsOptions(File(certificate), null, null), peers is null ? null : File(peers)));

        e.Message.ShouldContain(named);
    }

    [Theory]
    [InlineData("locked.key", null, "locked.key has a password; --{0} names the file of it")]
    [InlineData("locked.key", "wrong", "locked.key, the password the one in ")]
    [InlineData("locked.key", "empty", "empty of --{0} is empty")]
    [InlineData("locked.key", "binary", "binary of --{0} is no UTF-8")]
    [InlineData("locked.key", "large", "large of --{0} has more than 4096 bytes, which is the limit")]
    [InlineData("locked.key", "nowhere", "The password's file of --{0} cannot be read: ")]
    [InlineData("open.key", "right", "no private key with a password in ")]
    [InlineData("open.key", "right", "--{0} names the file of one")]
    [InlineData("old.key", "right", "openssl pkcs8 -topk8")]
    [InlineData("old.key", null, "openssl pkcs8 -topk8")]
    [InlineData("silo.pfx", null, "If it has a password, --{0} names the file of it")]
    [InlineData("silo.pfx", "wrong", "The password is the one in ")]
    public async Task What_is_wrong_with_a_private_key_or_its_password_is_named(string key, string? password, string named)
    {
        using var certificate = Certificates.Server(_authority);
        Certificates.Write(certificate, File("silo.pem"), File("locked.key"), "s3cret");
        Certificates.Write(certificate, File("silo.pem"), File("open.key"));
        await System.IO.File.WriteAllBytesAsync(File("silo.pfx"), certificate.Export(X509ContentType.Pkcs12, "s3cret"));
        await System.IO.File.WriteAllTextAsync(
            File("old.key"), "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n");
        await System.IO.File.WriteAllTextAsync(File("right"), "s3cret\n");
        await System.IO.File.WriteAllTextAsync(File("wrong"), "secret\n");
        await System.IO.File.WriteAllTextAsync(File("empty"), "\n");
        await System.IO.File.WriteAllBytesAsync(File("binary"), [0xFF, 0xFE]);
        await System.IO.File.WriteAllTextAsync(File("large"), new string('s', 4_097));
        var passwordFile = password is null ? null : File(password);
        var options = key.EndsWith(".pfx", StringComparison.Ordinal)
            ? new TlsOptions(File(key), null, passwordFile)
            : new TlsOptions(File("silo.pem"), File(key), passwordFile);

        foreach (var (settings, certificateSetting, passwordSetting) in new[]
        {
            (TlsSettings.Server, "--tls-cert", "tls-password-file"), (TlsSettings.Peer, "--peer-cert", "peer-cert-password-file"),
        })
        {
            var e = Should.Throw<SiloStartException>(() => new TlsCertificate(options, TimeProvider.System, _ => { }, settings));

            e.Message.ShouldStartWith($"{certificateSetting}: {options.Certificate} cannot be used: ");
            e.Message.ShouldContain(named.Replace("{0}", passwordSetting, StringComparison.Ordinal));
            e.Message.ShouldNotContain("s3cret");
        }
    }

    [Fact]
    public async Task A_key_with_a_new_password_is_taken_whichever_of_its_files_comes_last()
    {
        using var first = Certificates.Server(_authority);
        using var second = Certificates.Server(_authority);
        var clock = new ManualClock();
        Certificates.Write(first, File("silo.pem"), File("silo.key"), "one");
        await System.IO.File.WriteAllTextAsync(File("password"), "one");
        var certificate = new TlsCertificate(
            new TlsOptions(File("silo.pem"), File("silo.key"), File("password")), clock, _ => { }, TlsSettings.Peer);

        Certificates.Write(second, File("silo.pem"), File("silo.key"), "two");
        Touch("silo.pem", "silo.key");
        clock.Advance(TimeSpan.FromSeconds(10));
        certificate.Current.TargetCertificate.Thumbprint.ShouldBe(first.Thumbprint, "its key cannot be read yet");
        await System.IO.File.WriteAllTextAsync(File("password"), "two");
        Touch("password");
        clock.Advance(TimeSpan.FromSeconds(10));
        certificate.Current.TargetCertificate.Thumbprint.ShouldBe(second.Thumbprint);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    private static HttpClient Client(TestSilo silo, out Func<string?> seen, X509Certificate2? certificate = null)
    {
        string? thumbprint = null;
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) =>
        {
            thumbprint = ((X509Certificate2)shown!).Thumbprint;
            return true;
        };
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
        }

        seen = () => thumbprint;
        return new HttpClient(handler) { BaseAddress = silo.Http.BaseAddress };
    }

    private static async Task<string?> SeenAsync(TestSilo silo)
    {
        using var http = Client(silo, out var seen);
        (await http.GetAsync("/healthz")).StatusCode.ShouldBe(HttpStatusCode.OK);
        return seen();
    }

    private string File(string name) => Path.Combine(_folder.Path, name);

    // Whatever the resolution of the file system's times.
    private void Touch(params string[] names)
    {
        foreach (var name in names)
        {
            System.IO.File.SetLastWriteTimeUtc(File(name), System.IO.File.GetLastWriteTimeUtc(File(name)).AddSeconds(10));
        }
    }

    private Task<TestSilo> StartAsync(TlsOptions tls, string? peerCa = null) => TestSilo.StartAsync(
        _folder.Path,
        configure: options => options with { Urls = ["https://127.0.0.1:0"], Access = new AccessOptions { Tls = tls, PeerCa = peerCa } });
}
