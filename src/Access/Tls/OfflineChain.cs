using System.Security.Cryptography.X509Certificates;

namespace HeliosEdge.Access.Tls;

/// <summary>How chains of certificates are built: of what was shown and what is trusted here.</summary>
internal static class OfflineChain
{
    /// <summary>
    /// A policy for one side of a handshake. A certificate may name addresses where its issuer or its revocation is to be had: whoever made it
    /// must not have the silo go there, nor wait for an answer.
    /// </summary>
    public static X509ChainPolicy Policy() => new() { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
}
