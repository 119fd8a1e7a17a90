using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using HeliosEdge.Client;
using HeliosEdge.Silo.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HeliosEdge.Cluster.Tests.Clients;

/// <summary>Who gets in at a gateway, and what a client sees of silos that come and go.</summary>
[Trait("Category", "Process")]
public sealed class GatewayTests : IDisposable
{
    private readonly TemporaryFolder _files = new();
    private readonly X509Certificate2 _authority = Certificates.Authority("silos");

    public void Dispose()
    {
        _authority.Dispose();
        _files.Dispose();
    }

    [PostgresFact]
    public async Task A_gateway_of_a_silo_with_a_certificate_is_for_clients_with_one_of_its_authority()
    {
        File.WriteAllText(At("ca.pem"), _authority.ExportCertificatePem());
        using (var own = Certificates.Silo(_authority, "silo"))
        {
            Certificates.Write(own, At("silo.pem"));
        }

        var port = FreePorts.Take();
        await using var silo = await ClusterSilo.StartAsync(
            await PostgresServer.NewDatabaseAsync(), "eu", "--peer-ca", At("ca.pem"), "--peer-cert", At("silo.pem"), "--gateway-port", Text(port));
        await silo.DeployAsync("f", "eu");
        using var stranger = Certificates.Authority("strangers");
        using var certificate = Certificates.Client(_authority, "client");
        using var strange = Certificates.Client(stranger, "stranger");

        await using (var client = await OrleansEdgeClient.ConnectAsync(Options(certificate, [_authority], port)))
        {
            (await client.InvokeAsync("f", "eu", "hello"u8.ToArray())).ToArray().ShouldBe("hello"u8.ToArray());
        }

        await Should.ThrowAsync<EdgeConnectionException>(() => OrleansEdgeClient.ConnectAsync(Options(strange, [_authority], port)));
        await silo.WaitForLineAsync("the certificate CN=stranger was not issued by the authority in --peer-ca");
        await Should.ThrowAsync<EdgeConnectionException>(() => OrleansEdgeClient.ConnectAsync(Options(certificate, [stranger], port)));
        await Should.ThrowAsync<EdgeConnectionException>(() => OrleansEdgeClient.ConnectAsync(Options(null, null, port)));
    }

    [PostgresFact]
    public async Task A_client_calls_through_the_gateways_that_are_left()
    {
        var cluster = await PostgresServer.NewDatabaseAsync();
        var (one, other) = (FreePorts.Take(), FreePorts.Take());
        await using var stays = await ClusterSilo.StartAsync(cluster, "eu", "--gateway-port", Text(one));
        await using var goes = await ClusterSilo.StartAsync(cluster, "us", "--gateway-port", Text(other));
        await stays.WaitForRegionAsync("us");
        await goes.WaitForRegionAsync("eu");
        await stays.DeployAsync("f", "eu", "us");
        await using var client = await OrleansEdgeClient.ConnectAsync(Options(null, null, one, other));
        (await client.InvokeAsync("f", "us", default)).Region.ShouldBe("us");

        await goes.KillAsync();

        // With a key a call is sent again where the gateway that it went through is gone.
        for (var call = 0; call < 100; call++)
        {
            var options = new CallOptions { IdempotencyKey = $"{call}", MaxAttempts = 10 };
            (await client.InvokeAsync("f", "eu", BitConverter.GetBytes(call), options)).ToArray().ShouldBe(BitConverter.GetBytes(call));
        }
    }

    [PostgresFact]
    public async Task An_application_has_the_client_while_its_host_runs()
    {
        var port = FreePorts.Take();
        await using var silo = await ClusterSilo.StartAsync(await PostgresServer.NewDatabaseAsync(), "eu", "--gateway-port", Text(port));
        await silo.DeployAsync("f", "eu");
        var application = Host.CreateApplicationBuilder();
        application.Services.AddHeliosEdgeCluster(Options(null, null, port));
        using var host = application.Build();
        await host.StartAsync();

        (await host.Services.GetRequiredService<IEdgeClient>().InvokeAsync("f", null, "x"u8.ToArray())).ToArray().ShouldBe("x"u8.ToArray());

        await host.StopAsync();
    }

    [Fact]
    public async Task Where_no_gateway_is_there_is_no_connection()
    {
        var error = await Should.ThrowAsync<EdgeConnectionException>(() => OrleansEdgeClient.ConnectAsync(Options(null, null, FreePorts.Take())));

        error.Message.ShouldContain("127.0.0.1:");
    }

    [PostgresFact]
    public async Task A_port_that_another_process_has_is_said_at_once()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var refused = await ClusterSilo.RunAsync(await PostgresServer.NewDatabaseAsync(), "--gateway-port", Text(port));

        refused.ExitCode.ShouldBe(StartFailure.CannotStart, refused.Error);
        refused.Error.ShouldContain($"127.0.0.1:{port}, where clients of the cluster are to reach this silo, is in use by another process; choose another port with --gateway-port");
    }

    [Fact]
    public async Task Options_that_cannot_be_are_refused()
    {
        using var certificate = Certificates.Client(_authority, "client");
        using var withoutKey = X509CertificateLoader.LoadCertificate(certificate.RawData);

        await Should.ThrowAsync<ArgumentException>(() => OrleansEdgeClient.ConnectAsync(Options(null, null)));
        await Should.ThrowAsync<ArgumentException>(() => OrleansEdgeClient.ConnectAsync(Options(certificate, null, 1)));
        await Should.ThrowAsync<ArgumentException>(() => OrleansEdgeClient.ConnectAsync(Options(null, [_authority], 1)));
        await Should.ThrowAsync<ArgumentException>(() => OrleansEdgeClient.ConnectAsync(Options(withoutKey, [_authority], 1)));
        await Should.ThrowAsync<ArgumentException>(() => OrleansEdgeClient.ConnectAsync(Options(certificate, [], 1)));
    }

    private static OrleansEdgeClientOptions Options(X509Certificate2? certificate, X509Certificate2Collection? authority, params int[] ports) => new()
    {
        Gateways = [.. ports.Select(port => new IPEndPoint(IPAddress.Loopback, port))],
        Certificate = certificate,
        Authority = authority,
    };

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private string At(string name) => Path.Combine(_files.Path, name);
}
