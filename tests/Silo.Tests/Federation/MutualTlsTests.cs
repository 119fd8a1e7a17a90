using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using HeliosEdge.Access.Tls;
using HeliosEdge.Federation;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Tests.Access;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Federation;

/// <summary>A silo that serves west over https and has keys, and one that serves east and knows it.</summary>
[Trait("Category", "Process")]
public sealed class MutualTlsTests : IDisposable
{
    private readonly TemporaryFolder _files = new();
    private readonly TemporaryFolder _westFolder = new();
    private readonly X509Certificate2 _authority = Certificates.Authority("silos");
    private readonly X509Certificate2 _stranger = Certificates.Authority("strangers");
    private readonly int _port = FreePorts.Take();

    public MutualTlsTests()
    {
        File.WriteAllText(At("ca.pem"), _authority.ExportCertificatePem());
        File.WriteAllText(At("stranger-ca.pem"), _stranger.ExportCertificatePem());
        File.WriteAllText(At("peer.key"), new string('k', 40));
        Write("west.pem", Certificates.Server(_authority));
        Write("east.pem", Certificates.Client(_authority, "east-1"));
        Write("stranger.pem", Certificates.Client(_stranger, "east-1"));
        Write("expired.pem", Certificates.Expired(_authority, "east-1"));
        Write("server.pem", Certificates.Silo(_authority, "east-1"));
    }

    [Theory]
    [InlineData("peer.key", null)]
    [InlineData(null, "east.pem")]
    public async Task A_peer_is_known_over_https_by_the_key_or_by_its_certificate(string? key, string? certificate)
    {
        await using var west = await StartWestAsync(peerCa: key is null ? "ca.pem" : null, keyFile: key);
        await using var east = await StartEastAsync(keyFile: key, certificate: certificate);
        await Silos.WaitForStatesAsync(east, "up");
        await east.DeployAsync("echo", "echo", regions: ["west"]);

        using var answer = await east.InvokeAsync("echo", [1, 2], "west");

        (await answer.Content.ReadAsByteArrayAsync()).ShouldBe([1, 2]);
        answer.Headers.GetValues("X-Helios-Region").ShouldBe(["west"]);
        answer.Headers.GetValues("X-Helios-Version").ShouldBe(["1"]);
    }

    [Theory]
    [InlineData("pem")]
    [InlineData("pfx")]
    public async Task The_private_key_of_the_certificate_for_peers_may_have_a_password(string kind)
    {
        using var certificate = Certificates.Client(_authority, "east-1");
        await File.WriteAllTextAsync(At("password"), "s3cret ü\r\n");
        TlsOptions shown;
        if (kind == "pem")
        {
            Certificates.Write(certificate, At("locked.pem"), At("locked.key"), "s3cret ü");
            shown = new TlsOptions(At("locked.pem"), At("locked.key"), At("password"));
        }
        else
        {
            await File.WriteAllBytesAsync(At("locked.pfx"), certificate.Export(X509ContentType.Pkcs12, "s3cret ü"));
            shown = new TlsOptions(At("locked.pfx"), null, At("password"));
        }

        await using var west = await StartWestAsync(peerCa: "ca.pem");
        await using var east = await StartEastAsync(shown: shown);

        await Silos.WaitForStatesAsync(east, "up");
    }

    [Fact]
    public async Task A_silo_shows_what_it_serves_with_where_nothing_else_is_stated()
    {
        await using var west = await StartWestAsync(peerCa: "ca.pem");
        await using var east = await TestSilo.StartAsync(
            regions: ["east"],
            federation: Federation(),
            configure: options => options with
            {
                Urls = ["https://127.0.0.1:0", "http://127.0.0.1:0"],
                Access = new AccessOptions { Tls = new TlsOptions(At("server.pem"), null, null), PeerCa = At("ca.pem") },
            });
        using var http = Trusting(east.Http.BaseAddress!);

        await Eventually.HoldsAsync("west up", async () => (await WestAsync(http))["state"]!.GetValue<string>() == "up");
    }

    [Theory]
    [InlineData("stranger.pem", "was not issued by the authority in --peer-ca")]
    [InlineData("expired.pem", "not now")]
    [InlineData("west.pem", "is not one for clients")]
    public async Task A_certificate_that_is_not_good_is_refused_and_both_sides_say_so(string certificate, string why)
    {
        await KeyHolder.AddKeyAsync(_westFolder.Path, "admin");
        await using var west = SiloProcess.Start(
            "--urls", $"https://127.0.0.1:{_port}", "--regions", "west", "--data", _westFolder.Path, "--tls-cert", At("west.pem"), "--peer-ca", At("ca.pem"));
        await west.WaitForAsync("Ctrl+C stops the silo.");
        await using var east = await StartEastAsync(certificate: certificate);

        await west.WaitForAsync("A TLS connection was refused: the certificate CN=");
        await Silos.WaitForStatesAsync(east, "down");

        west.Output.ShouldContain(why);
        await Eventually.HoldsAsync(
            "the certificate is named", async () => (await WestAsync(east.Http))["problem"]!.GetValue<string>().Contains("shown the certificate CN=", StringComparison.Ordinal));
        await Answer.ProblemAsync(await east.InvokeAsync("echo", [1], "west"), HttpStatusCode.ServiceUnavailable, "region_unavailable");
    }

    [Fact]
    public async Task Without_an_authority_of_peers_a_certificate_gives_nothing()
    {
        await using var west = await StartWestAsync();
        await using var east = await StartEastAsync(certificate: "east.pem");

        await Silos.WaitForStatesAsync(east, "down");

        (await WestAsync(east.Http))["problem"]!.GetValue<string>().ShouldContain("neither key nor certificate");
        await Answer.ProblemAsync(await east.InvokeAsync("echo", [1], "west"), HttpStatusCode.ServiceUnavailable, "region_unavailable");
    }

    [Theory]
    [InlineData("stranger-ca.pem", "was not issued by the authority in --peer-ca")]
    [InlineData(null, "there is no --peer-ca")]
    public async Task The_secret_is_not_told_to_a_silo_whose_certificate_is_not_trusted(string? peerCa, string why)
    {
        await using var west = await StartWestAsync(keyFile: "peer.key");
        await using var east = await StartEastAsync(keyFile: "peer.key", peerCa: peerCa);

        await Silos.WaitForStatesAsync(east, "down");

        (await WestAsync(east.Http))["problem"]!.GetValue<string>().ShouldContain(why);
    }

    [Fact]
    public async Task A_new_client_certificate_is_taken_without_a_restart()
    {
        await using var west = await StartWestAsync(peerCa: "ca.pem");
        Write("changing.pem", Certificates.Expired(_authority, "east-1"));
        await using var east = await StartEastAsync(certificate: "changing.pem");
        await Silos.WaitForStatesAsync(east, "down");

        Write("changing.pem", Certificates.Client(_authority, "east-1"));

        await Silos.WaitForStatesAsync(east, "up");
    }

    public void Dispose()
    {
        _authority.Dispose();
        _stranger.Dispose();
        _westFolder.Dispose();
        _files.Dispose();
    }

    private static async Task<JsonNode> WestAsync(HttpClient http) =>
        (await Answer.JsonAsync(await http.GetAsync("/v1/regions")))["regions"]!.AsArray().Single(region => region!["name"]!.GetValue<string>() == "west")!;

    private static HttpClient Trusting(Uri address) =>
        new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } }) { BaseAddress = address };

    private string At(string name) => Path.Combine(_files.Path, name);

    private void Write(string name, X509Certificate2 certificate)
    {
        using (certificate)
        {
            Certificates.Write(certificate, At(name));
        }
    }

    private FederationOptions Federation() => new()
    {
        Peers = [("west", new Uri($"https://127.0.0.1:{_port}"))],
        ProbeInterval = TimeSpan.FromMilliseconds(200),
    };

    private async Task<TestSilo> StartWestAsync(string? peerCa = null, string? keyFile = null)
    {
        await KeyHolder.AddKeyAsync(_westFolder.Path, "admin");
        return await TestSilo.StartAsync(
            _westFolder.Path,
            regions: ["west"],
            url: $"https://127.0.0.1:{_port}",
            configure: options => options with
            {
                Access = new AccessOptions
                {
                    Tls = new TlsOptions(At("west.pem"), null, null),
                    PeerCa = peerCa is null ? null : At(peerCa),
                    PeerKeyFile = keyFile is null ? null : At(keyFile),
                },
            });
    }

    private Task<TestSilo> StartEastAsync(string? keyFile = null, string? certificate = null, string? peerCa = "ca.pem", TlsOptions? shown = null) => TestSilo.StartAsync(
        regions: ["east"],
        federation: Federation(),
        configure: options => options with
        {
            Access = new AccessOptions
            {
                PeerCa = peerCa is null ? null : At(peerCa),
                PeerCertificate = certificate is null ? shown : new TlsOptions(At(certificate), null, null),
                PeerKeyFile = keyFile is null ? null : At(keyFile),
            },
        });
}
