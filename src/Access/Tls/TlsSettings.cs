namespace HeliosEdge.Access.Tls;

/// <summary>The settings that name a certificate's files, for messages.</summary>
/// <param name="Certificate">The name of the one that names the certificate.</param>
/// <param name="PasswordFile">The name of the one that names the file of its key's password.</param>
internal sealed record TlsSettings(string Certificate, string PasswordFile)
{
    /// <summary>Of what the silo serves https with.</summary>
    public static readonly TlsSettings Server = new("tls-cert", "tls-password-file");

    /// <summary>Of what it shows to peers.</summary>
    public static readonly TlsSettings Peer = new("peer-cert", "peer-cert-password-file");
}
