using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using HeliosEdge.Access;
using HeliosEdge.Access.Tls;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Access;
using Orleans;
using Orleans.Configuration;
using Orleans.Connections.Security;
using Orleans.Hosting;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>
/// TLS where Orleans listens and connects. Silos show each other certificates of the peers' authority that are good for both ends of a connection; clients of the gateway
/// show one that is good for clients. What is read again from the certificate's file counts for the next connection.
/// </summary>
internal sealed class ClusterTls
{
    private readonly TlsCertificate _certificate;
    private readonly PeerAuthority _authority;
    private readonly Action<string> _report;

    private ClusterTls(TlsCertificate certificate, PeerAuthority authority, Action<string> report)
    {
        _certificate = certificate;
        _authority = authority;
        _report = report;
    }

    /// <summary>Who the other end of a connection may be: why a certificate is not theirs, or null.</summary>
    /// <param name="shown">The certificate.</param>
    /// <param name="sent">What came with it.</param>
    private delegate string? Judge(X509Certificate2 shown, X509Chain? sent);

    /// <summary>The subject of what this silo shows.</summary>
    public string Subject => Printable.From(_certificate.Current.TargetCertificate.Subject);

    /// <summary>Reads the files.</summary>
    /// <param name="options">Where they are.</param>
    /// <param name="address">Where the silo listens for others.</param>
    /// <param name="report">Told of a certificate that was read again, or could not be, and of those who are refused.</param>
    /// <returns>Null for a silo that listens on loopback only, and has no certificate for this.</returns>
    /// <exception cref="SiloStartException">A file cannot be used, or the certificate is not one for this.</exception>
    public static ClusterTls? Open(AccessOptions options, IPAddress address, Action<string> report)
    {
        if (!options.HasClusterTls)
        {
            return null;
        }

        var (files, settings) = options.PeerCertificate is { } stated ? (stated, TlsSettings.Peer) : (options.Tls!, TlsSettings.Server);
        var tls = new ClusterTls(new TlsCertificate(files, TimeProvider.System, report, settings), new PeerAuthority(options.PeerCa!), report);
        if (tls.FaultOfSilo(tls._certificate.Current.TargetCertificate, null) is not { } fault)
        {
            return tls;
        }

        // A certificate for https alone says nothing of the cluster; one that peers are to be shown does.
        return options.PeerCertificate is null && IPAddress.IsLoopback(address)
            ? null
            : throw new SiloStartException($"--{settings.Certificate}: other silos of the cluster would not take it: {fault}.");
    }

    /// <summary>Has a silo speak TLS with the others, and with clients where it has a gateway for them.</summary>
    public void Use(ISiloBuilder silo) => silo.Configure<SiloConnectionOptions>(connections =>
    {
        connections.ConfigureSiloInboundConnection(inbound => inbound.UseServerTls(Between(FaultOfSilo)));
        connections.ConfigureSiloOutboundConnection(outbound => outbound.UseClientTls(Between(FaultOfSilo)));
        connections.ConfigureGatewayInboundConnection(inbound => inbound.UseServerTls(Between(_authority.FaultOfClient)));
    });

    /// <summary>Has a client speak TLS with the gateways of silos.</summary>
    public void Use(IClientBuilder client) => client.Configure<ClientConnectionOptions>(
        connections => connections.ConfigureConnection(outbound => outbound.UseClientTls(Between(FaultOfSilo))));

    /// <summary>What this silo needs to connect to another one without Orleans.</summary>
    /// <param name="fault">Told why the other's certificate is not one of a silo; null if it is.</param>
    public SslClientAuthenticationOptions Connecting(Action<string?> fault)
    {
        var options = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, shown, chain, _) =>
            {
                var found = shown is X509Certificate2 certificate ? FaultOfSilo(certificate, chain) : "it shows no certificate";
                fault(found);
                return found is null;
            },
        };
        Show(options);
        return options;
    }

    private Orleans.Connections.Security.TlsOptions Between(Judge judge) => new()
    {
        // Both choices are made anew in the two callbacks below; these only satisfy the checks of what is there. A mode for clients of more than AllowCertificate would ask
        // for a certificate that never changes, and no connection would come up without.
        LocalServerCertificateSelector = (_, _) => _certificate.Current.TargetCertificate,
        ClientCertificateMode = RemoteCertificateMode.AllowCertificate,
        RemoteCertificateMode = RemoteCertificateMode.RequireCertificate,
        RemoteCertificateValidation = (shown, chain, _) =>
        {
            var fault = judge(shown, chain);
            if (fault is not null)
            {
                _report($"A connection of the cluster was refused: {fault}.");
            }

            return fault is null;
        },
        OnAuthenticateAsServer = (_, server) =>
        {
            var options = (SslServerAuthenticationOptions)server.SslServerAuthenticationOptions;
            options.ServerCertificateSelectionCallback = null;
            options.ServerCertificateContext = _certificate.Current;
            options.CertificateChainPolicy = OfflineChain.Policy();
        },
        OnAuthenticateAsClient = (connection, client) =>
        {
            var options = (SslClientAuthenticationOptions)client.SslClientAuthenticationOptions;
            options.TargetHost = connection.RemoteEndPoint is IPEndPoint silo ? silo.Address.ToString() : string.Empty;
            Show(options);
        },
    };

    private void Show(SslClientAuthenticationOptions options)
    {
        options.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        options.LocalCertificateSelectionCallback = null;
        options.ClientCertificateContext = _certificate.Current;
        options.CertificateChainPolicy = OfflineChain.Policy();
    }

    private string? FaultOfSilo(X509Certificate2 certificate, X509Chain? sent) => _authority.FaultOfServer(certificate, sent) ?? _authority.FaultOfClient(certificate, sent);
}
