using HeliosEdge.Silo.Hosting;

namespace HeliosEdge.Silo.Access;

/// <summary>The settings that name a certificate's files, for messages.</summary>
internal sealed record TlsSettings(Setting Certificate, Setting PasswordFile)
{
    /// <summary>Of what the silo serves https with.</summary>
    public static readonly TlsSettings Server = new(AccessSettings.TlsCert, AccessSettings.TlsPasswordFile);

    /// <summary>Of what it shows to peers.</summary>
    public static readonly TlsSettings Peer = new(AccessSettings.PeerCert, AccessSettings.PeerCertPasswordFile);
}
