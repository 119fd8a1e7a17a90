using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using HeliosEdge.Access;
using HeliosEdge.Access.Tls;
using HeliosEdge.Settings;

namespace HeliosEdge.Federation;

/// <summary>TLS to other silos: the certificate that this one shows, and the ones that it takes theirs for.</summary>
internal sealed class PeerTls
{
    private readonly TlsCertificate? _certificate;
    private readonly PeerAuthority? _authority;

    private PeerTls(TlsCertificate? certificate, PeerAuthority? authority)
    {
        _certificate = certificate;
        _authority = authority;
    }

    /// <summary>Reads the files.</summary>
    /// <param name="shown">What peers are shown; null for <paramref name="served"/>, where the peers' authority made it for clients too.</param>
    /// <param name="served">What this silo serves https with, if it does.</param>
    /// <param name="authorityFile">The certificates of the peers' authority; null for those that the machine trusts.</param>
    /// <param name="clock">The time, for reading them again.</param>
    /// <param name="report">Told of a certificate that was read again, or could not be.</param>
    /// <exception cref="SiloStartException">A file cannot be used.</exception>
    public static PeerTls Open(TlsOptions? shown, TlsOptions? served, string? authorityFile, TimeProvider clock, Action<string> report)
    {
        var authority = authorityFile is { } file ? new PeerAuthority(file) : null;
        if (shown is { } stated)
        {
            return new PeerTls(new TlsCertificate(stated, clock, report, TlsSettings.Peer), authority);
        }

        // Another authority's, or one for servers only, would be refused where no certificate at all would not.
        if (authority is not null && served is { } tls)
        {
            var own = new TlsCertificate(tls, clock, report, TlsSettings.Server);
            return new PeerTls(authority.FaultOfClient(own.Current.TargetCertificate, null) is null ? own : null, authority);
        }

        return new PeerTls(null, authority);
    }

    /// <summary>Makes a connection one over TLS, for HTTP/2.</summary>
    /// <param name="connection">The connection; it is closed if this fails.</param>
    /// <param name="host">The name that the other silo's certificate must have.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="AuthenticationException">One side does not accept the other; the message says why, if it is this side.</exception>
    /// <exception cref="IOException">The connection was lost.</exception>
    public async Task<Stream> AuthenticateAsync(Stream connection, string host, CancellationToken cancel)
    {
        string? fault = null;
        var shown = _certificate?.Current;
        var tls = new PeerTlsStream(connection, shown?.TargetCertificate.Subject);
        try
        {
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = host,
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ClientCertificateContext = shown,
                CertificateChainPolicy = OfflineChain.Policy(),
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    (fault = Fault(certificate, chain, errors, host)) is null,
            };
            await tls.AuthenticateAsClientAsync(options, cancel);
            return tls;
        }
        catch (AuthenticationException) when (fault is not null)
        {
            await tls.DisposeAsync();
            throw new AuthenticationException(fault);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private string? Fault(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, string host)
    {
        if (errors == SslPolicyErrors.None)
        {
            return null;
        }

        if (certificate is not X509Certificate2 shown)
        {
            return "it shows no certificate";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return $"the certificate {Printable.From(shown.Subject)} is not one for {host}";
        }

        return _authority is not null
            ? _authority.FaultOfServer(shown, chain)
            : $"the certificate {Printable.From(shown.Subject)} is not one that this machine trusts, and there is no --peer-ca: {string.Join(", ", chain?.ChainStatus.Select(status => status.Status) ?? [])}";
    }
}
