using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;
using TlsOptions = Orleans.Connections.Security.TlsOptions;

namespace HeliosEdge.Client.Connections;

/// <summary>TLS with the gateways of silos: both ends show a certificate of the silos' authority. The name in a silo's is not looked at, as silos do not look at each other's.</summary>
internal sealed class GatewayTls
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly X509Certificate2Collection _authority;
    private readonly SslStreamCertificateContext _shown;

    /// <exception cref="ArgumentException">The certificate has no private key, or the authority no certificate.</exception>
    public GatewayTls(X509Certificate2 certificate, X509Certificate2Collection authority)
    {
        if (!certificate.HasPrivateKey)
        {
            throw new ArgumentException($"The certificate {certificate.Subject} has no private key.", nameof(certificate));
        }

        if (authority.Count == 0)
        {
            throw new ArgumentException("The authority has no certificate.", nameof(authority));
        }

        _authority = authority;
        _shown = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
    }

    public TlsOptions ToOptions() => new()
    {
        ClientCertificateMode = RemoteCertificateMode.AllowCertificate,
        RemoteCertificateMode = RemoteCertificateMode.RequireCertificate,
        RemoteCertificateValidation = (shown, chain, _) => IsOfSilo(shown, chain),
        OnAuthenticateAsClient = (_, client) =>
        {
            var options = (SslClientAuthenticationOptions)client.SslClientAuthenticationOptions;
            options.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
            options.LocalCertificateSelectionCallback = null;
            options.ClientCertificateContext = _shown;
            options.CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
        },
    };

    private bool IsOfSilo(X509Certificate2 certificate, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        foreach (var element in sent?.ChainElements.Skip(1) ?? [])
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(certificate);
    }
}
