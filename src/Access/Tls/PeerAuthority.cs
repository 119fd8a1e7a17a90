using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HeliosEdge.Settings;

namespace HeliosEdge.Access.Tls;

/// <summary>The authority that gives silos their certificates.</summary>
internal sealed class PeerAuthority
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly X509Certificate2Collection _roots;

    /// <exception cref="SiloStartException">The file cannot be read, or has no certificate.</exception>
    public PeerAuthority(string file)
    {
        _roots = AuthorityFile.Read(file, "--peer-ca");
    }

    /// <summary>Why a certificate does not make whoever shows it a peer; null if it does.</summary>
    public string? FaultOfClient(X509Certificate2 certificate, X509Chain? sent) => Fault(certificate, sent, ClientAuthentication, "clients");

    /// <summary>Why a certificate is not one that a peer serves with; null if it is. Whether it has the peer's name is not looked at.</summary>
    public string? FaultOfServer(X509Certificate2 certificate, X509Chain? sent) => Fault(certificate, sent, ServerAuthentication, "servers");

    // Lists of revoked certificates are not asked: short lives do their work.
    private string? Fault(X509Certificate2 certificate, X509Chain? sent, string purpose, string users)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(purpose));
        foreach (var element in sent?.ChainElements.Skip(1) ?? [])
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        if (chain.Build(certificate))
        {
            return null;
        }

        var faults = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status);
        var why =
            (faults & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid)) != 0
                ? "was not issued by the authority in --peer-ca"
            : faults.HasFlag(X509ChainStatusFlags.NotTimeValid)
                ? $"is good from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u}, not now"
            : faults.HasFlag(X509ChainStatusFlags.NotValidForUsage)
                ? $"is not one for {users}"
                : $"is not accepted ({faults})";
        return $"the certificate {Printable.From(certificate.Subject)} {why}";
    }
}
