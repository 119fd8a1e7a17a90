using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Hosting;

namespace HeliosEdge.Cluster.Tests;

/// <summary>Who gets to the port that the silos of a cluster reach each other by.</summary>
[Trait("Category", "Process")]
public sealed class TlsTests : IDisposable
{
    private readonly TemporaryFolder _files = new();
    private readonly X509Certificate2 _authority = Certificates.Authority("silos");
    private readonly X509Certificate2 _strangers = Certificates.Authority("strangers");

    public TlsTests()
    {
        WriteAuthority(_authority, "ca.pem");
        WriteAuthority(_strangers, "strangers.pem");
        Write("silo.pem", Certificates.Silo(_authority, "silo"));
        Write("server.pem", Certificates.Server(_authority));
        Write("stranger.pem", Certificates.Silo(_strangers, "stranger"));
    }

    public void Dispose()
    {
        _authority.Dispose();
        _strangers.Dispose();
        _files.Dispose();
    }

    [PostgresFact]
    public async Task Silos_call_each_other_with_certificates_of_their_authority_and_nobody_else_gets_a_word_out_of_them()
    {
        var cluster = await PostgresServer.NewDatabaseAsync();
        var silos = await Task.WhenAll(StartAsync(cluster, "eu"), StartAsync(cluster, "us"));
        await using var eu = silos[0];
        await using var us = silos[1];
        await eu.WaitForRegionAsync("us");

        await eu.DeployAsync("f", "us");
        (await eu.TryCallAsync("f", "us")).ShouldBeNull();

        using (var silo = Certificates.Silo(_authority, "another"))
        {
            (await HearsAsync(us.SiloPort, silo)).ShouldBeTrue();
        }

        foreach (var refused in (X509Certificate2?[])[null, Certificates.Client(_authority, "client"), Certificates.Silo(_strangers, "stranger"), Certificates.Expired(_authority, "old")])
        {
            (await HearsAsync(us.SiloPort, refused)).ShouldBeFalse(refused?.Subject);
            refused?.Dispose();
        }

        await us.WaitForLineAsync("the certificate CN=client is not one for servers");
        await us.WaitForLineAsync("the certificate CN=stranger was not issued by the authority in --peer-ca");
        using var plain = new TcpClient();
        await plain.ConnectAsync(IPAddress.Loopback, us.SiloPort);
        await plain.GetStream().WriteAsync(new byte[64]);
        (await ReadsAsync(plain.GetStream())).ShouldBeFalse();
        (await us.TryCallAsync("f", "us")).ShouldBeNull();
    }

    [WireFact]
    public async Task What_goes_between_silos_can_be_read_on_the_way_without_certificates_and_cannot_with_them()
    {
        (await IsReadableAsync([])).ShouldBeTrue();
        (await IsReadableAsync(With("ca.pem", "silo.pem"))).ShouldBeFalse();
    }

    [PostgresFact]
    public async Task A_silo_that_would_not_be_let_in_says_why_and_ends()
    {
        var cluster = await PostgresServer.NewDatabaseAsync();
        await using var first = await StartAsync(cluster, "eu");

        var stranger = await ClusterSilo.RunAsync(cluster, With("strangers.pem", "stranger.pem"));
        stranger.ExitCode.ShouldBe(StartFailure.CannotStart, stranger.Error);
        stranger.Error.ShouldContain($"the silo at 127.0.0.1:{first.SiloPort} is not let in: the certificate CN=silo was not issued by the authority in --peer-ca");

        // One that takes the others' certificates, and has none that they take.
        File.WriteAllText(At("both.pem"), _authority.ExportCertificatePem() + "\n" + _strangers.ExportCertificatePem());
        var refused = await ClusterSilo.RunAsync(cluster, With("both.pem", "stranger.pem"));
        refused.ExitCode.ShouldBe(StartFailure.CannotStart, refused.Error);
        refused.Error.ShouldContain($"the silo at 127.0.0.1:{first.SiloPort} refuses the certificate CN=stranger");
        await first.WaitForLineAsync("A connection of the cluster was refused: the certificate CN=stranger was not issued by the authority in --peer-ca.");

        var without = await ClusterSilo.RunAsync(cluster);
        without.ExitCode.ShouldBe(StartFailure.CannotStart, without.Error);
        without.Error.ShouldContain($"the silo at 127.0.0.1:{first.SiloPort} asks for a certificate, and this one has none");

        await using var second = await StartAsync(cluster, "us");
        await first.WaitForRegionAsync("us");
    }

    [PostgresFact]
    public async Task A_silo_with_a_certificate_does_not_join_silos_without()
    {
        var cluster = await PostgresServer.NewDatabaseAsync();
        await using var first = await ClusterSilo.StartAsync(cluster, "eu");

        var refused = await ClusterSilo.RunAsync(cluster, With("ca.pem", "silo.pem"));

        refused.ExitCode.ShouldBe(StartFailure.CannotStart, refused.Error);
        refused.Error.ShouldContain($"the silo at 127.0.0.1:{first.SiloPort} speaks without TLS");
    }

    [PostgresFact]
    public async Task A_certificate_that_is_renewed_is_shown_to_whoever_connects_next()
    {
        var cluster = await PostgresServer.NewDatabaseAsync();
        await using var silo = await StartAsync(cluster, "eu");
        using var own = Certificates.Silo(_authority, "another");
        (await HearsAsync(silo.SiloPort, own, "CN=silo")).ShouldBeTrue();

        Write("silo.pem", Certificates.Silo(_authority, "renewed"));

        // It is looked for at most once a second, when somebody connects.
        using var watchdog = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await HearsAsync(silo.SiloPort, own, "CN=renewed"))
        {
            watchdog.IsCancellationRequested.ShouldBeFalse();
        }

        await silo.WaitForLineAsync("silo.pem was read again");
    }

    [Fact]
    public async Task A_silo_whose_certificate_the_others_would_not_take_does_not_start()
    {
        var refused = await ClusterSilo.RunAsync("postgres://u:p@127.0.0.1:1/d", With("ca.pem", "server.pem"));

        refused.ExitCode.ShouldBe(StartFailure.CannotStart, refused.Error);
        refused.Error.ShouldContain("--peer-cert: other silos of the cluster would not take it: the certificate CN=silo is not one for clients");
    }

    [Fact]
    public async Task A_silo_without_a_certificate_does_not_listen_for_others_on_the_network()
    {
        var refused = await ClusterSilo.RunAsync("postgres://u:p@127.0.0.1:1/d", "--cluster-address", "10.0.0.1");

        refused.ExitCode.ShouldBe(StartFailure.BadSetting, refused.Error);
        refused.Error.Trim().ShouldNotContain('\n');
        refused.Error.ShouldContain("--cluster-address 10.0.0.1 is not loopback");
        refused.Error.ShouldContain("--peer-ca");
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("ca.pem", null, false)]
    [InlineData(null, "silo.pem", false)]
    [InlineData("ca.pem", "silo.pem", true)]
    public void A_silo_needs_a_certificate_and_an_authority_anywhere_but_on_loopback(string? authority, string? certificate, bool isAccepted)
    {
        var settings = new Dictionary<string, string?>
        {
            ["store"] = "postgres://u:p@db/helios",
            ["cluster-address"] = "10.0.0.1",
            ["peer-ca"] = authority,
            ["peer-cert"] = certificate,
        };

        if (isAccepted)
        {
            SiloOptions.From(setting => settings.GetValueOrDefault(setting.Name)).Members.ShouldNotBeNull();
            return;
        }

        Should.Throw<InvalidSettingException>(() => SiloOptions.From(setting => settings.GetValueOrDefault(setting.Name))).Message.ShouldContain("--cluster-address 10.0.0.1");
        settings["cluster-address"] = "127.0.0.1";
        SiloOptions.From(setting => settings.GetValueOrDefault(setting.Name)).Members.ShouldNotBeNull();
    }

    private static async Task<bool> IsReadableAsync(string[] settings)
    {
        var cluster = await PostgresServer.NewDatabaseAsync();
        var silos = await Task.WhenAll(ClusterSilo.StartAsync(cluster, "eu", settings), ClusterSilo.StartAsync(cluster, "us", settings));
        await using var eu = silos[0];
        await using var us = silos[1];
        await eu.WaitForRegionAsync("us");
        await using var wire = Wire.Watch();

        // The name is also in what goes between the caller, the database and the silos; what silos say of it to each other is the key of its grain.
        await eu.DeployAsync("f", "us");
        (await eu.TryCallAsync("f", "us")).ShouldBeNull();
        return wire.Saw("us/f");
    }

    private static async Task<bool> HearsAsync(int port, X509Certificate2? certificate, string? shown = null)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var tls = new SslStream(client.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "silo",
                ApplicationProtocols = [new SslApplicationProtocol("Orleans1")],
                ClientCertificates = certificate is null ? null : [certificate],
                RemoteCertificateValidationCallback = (_, remote, _, _) => shown is null || remote?.Subject == shown,
            });
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return false;
        }

        return await ReadsAsync(tls);
    }

    // A silo begins to speak once it takes whoever is there for one.
    private static async Task<bool> ReadsAsync(Stream stream)
    {
        using var watchdog = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            return await stream.ReadAsync(new byte[1], watchdog.Token) > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private Task<ClusterSilo> StartAsync(string cluster, string region) => ClusterSilo.StartAsync(cluster, region, With("ca.pem", "silo.pem"));

    private string[] With(string authority, string certificate) => ["--peer-ca", At(authority), "--peer-cert", At(certificate)];

    private void WriteAuthority(X509Certificate2 authority, string name) => File.WriteAllText(At(name), authority.ExportCertificatePem());

    private void Write(string name, X509Certificate2 certificate)
    {
        Certificates.Write(certificate, At(name));
        certificate.Dispose();
    }

    private string At(string name) => Path.Combine(_files.Path, name);
}
