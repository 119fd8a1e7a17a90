using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>
/// Whose certificates servers may show to guests' requests: those of the authorities that the machine trusts, and of the operator's.
/// Whatever the authority, a certificate must have the name that the guest stated, be valid now and be one for servers.
/// </summary>
internal sealed class ServerTrust(X509Certificate2Collection authorities)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>How connections are authenticated; the name is that of each request's URL.</summary>
    public SslClientAuthenticationOptions Options() => new()
    {
        // A certificate may name addresses where its issuer or its revocation is to be had. Whoever made it must not have the silo go there.
        CertificateChainPolicy = Policy(),
        RemoteCertificateValidationCallback = Accept,
    };

    private static X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
        policy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        return policy;
    }

    private bool Accept(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        var fault = certificate is not X509Certificate2 shown || chain is null ? "the server shows no certificate."
            : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? $"the server's certificate {Quoted.Of(shown.Subject)} is for another name."
            : Fault(shown, chain);
        return fault is null ? true : throw new UntrustedServerException(fault);
    }

    /// <summary>Why a certificate that the machine does not trust is none of the operator's authorities' either; null if it is one.</summary>
    private string? Fault(X509Certificate2 shown, X509Chain sent)
    {
        if (authorities.Count == 0)
        {
            return Describe(shown, sent);
        }

        using var chain = new X509Chain { ChainPolicy = Policy() };
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        return chain.Build(shown) ? null : Describe(shown, chain);
    }

    private static string Describe(X509Certificate2 shown, X509Chain chain)
    {
        var faults = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status);
        var subject = Quoted.Of(shown.Subject);
        if ((faults & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid)) != 0)
        {
            return $"the server's certificate {subject} was not issued by an authority that this silo trusts.";
        }

        // It may be an authority on the way that has expired.
        var untimely = chain.ChainElements.FirstOrDefault(
            element => element.ChainElementStatus.Any(status => status.Status == X509ChainStatusFlags.NotTimeValid))?.Certificate;
        return untimely is not null
            ? $"the server's certificate {subject} is not valid now: {Quoted.Of(untimely.Subject)} is from {untimely.NotBefore.ToUniversalTime():u} to {untimely.NotAfter.ToUniversalTime():u}."
            : faults.HasFlag(X509ChainStatusFlags.NotValidForUsage)
                ? $"the server's certificate {subject} is not one for servers."
                : $"the server's certificate {subject} is not accepted ({faults}).";
    }
}
