using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HeliosEdge.Silo.Hosting;

namespace HeliosEdge.Silo.Access;

/// <summary>The authority that gives silos their client certificates.</summary>
internal sealed class PeerAuthority
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection _roots = [];

    /// <exception cref="SiloStartException">The file can not be read, or has no certificate.</exception>
    public PeerAuthority(string file)
    {
        try
        {
            _roots.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new SiloStartException($"--peer-ca: {file} can not be read: {e.Message}", e);
        }

        if (_roots.Count == 0)
        {
            throw new SiloStartException($"--peer-ca: {file} holds no certificate.");
        }
    }

    /// <summary>Tells whether the authority made a certificate for a client, good now. Lists of revoked certificates are not asked: short lives do their work.</summary>
    public bool Trusts(X509Certificate2 certificate, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        foreach (var element in sent?.ChainElements.Skip(1) ?? [])
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(certificate);
    }
}
