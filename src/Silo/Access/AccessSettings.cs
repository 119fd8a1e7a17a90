using HeliosEdge.Silo.Hosting;

namespace HeliosEdge.Silo.Access;

/// <summary>What the operator can set about who gets in, and how.</summary>
internal static class AccessSettings
{
    public static readonly Setting TlsCert = new(
        "tls-cert", "FILE", "none", "Certificate for https addresses: PEM with its chain, or PKCS #12 (.pfx, .p12). Read again when it changes.");

    public static readonly Setting TlsKey = new("tls-key", "FILE", "the certificate's file", "Private key of the certificate, as PEM.");

    public static readonly Setting TlsPasswordFile = new("tls-password-file", "FILE", "none", "File with the password of the private key.");

    public static readonly Setting PeerCa = new(
        "peer-ca", "FILE", "none", "Certificates of the authority, as PEM, that makes the certificates of silos: what peers and silos of the cluster show here, and what peers serve https with.");

    public static readonly Setting PeerCert = new(
        "peer-cert", "FILE", "that of --tls-cert", "Certificate that https peers and the silos of the cluster are shown: PEM with its chain, or PKCS #12. Read again when it changes.");

    public static readonly Setting PeerCertKey = new("peer-cert-key", "FILE", "the certificate's file", "Private key of --peer-cert, as PEM.");

    public static readonly Setting PeerCertPasswordFile = new(
        "peer-cert-password-file", "FILE", "none", "File with the password of the private key of --peer-cert.");

    public static readonly Setting PeerKeyFile = new("peer-key-file", "FILE", "none", "File with the secret that silos share.");

    public static readonly Setting JwtAuthority = new(
        "jwt-authority", "URL", "none", "Issuer of bearer tokens that tells its keys by OpenID Connect discovery.");

    public static readonly Setting JwtIssuer = new("jwt-issuer", "NAME", "what discovery says", "Issuer that tokens must name.");

    public static readonly Setting JwtAudience = new("jwt-audience", "NAME", "none", "Audience that tokens must name.");

    public static readonly Setting JwtKeyFile = new(
        "jwt-key-file", "FILE", "none", "Public keys of the issuer, as PEM or a set of JSON web keys, where there is no discovery.");

    public static readonly Setting JwtRate = new("jwt-rate", "N", "no limit", "Requests a second of each subject of tokens.");

    public static readonly Setting MaxConnections = new("max-connections", "N", "10000, or what the limit of open files leaves", "Connections at once; more are closed.");

    public static readonly Setting HeaderTimeoutMs = new(
        "header-timeout-ms", "N", "15000", "Time for a request's headers, and for a TLS handshake, in ms.");

    public static readonly Setting KeepAliveTimeoutMs = new("keep-alive-timeout-ms", "N", "130000", "Time that a connection may be idle, in ms.");

    public static readonly Setting MinDataRate = new(
        "min-data-rate", "N", "240", "Bytes a second that a client must send of a body, and take of a response, after 5 s.");

    public static readonly Setting AuditDays = new("audit-days", "N", "for ever", "Days for which entries of the log of changes are kept.");

    public static IReadOnlyList<Setting> All { get; } =
    [
        TlsCert, TlsKey, TlsPasswordFile, PeerCa, PeerCert, PeerCertKey, PeerCertPasswordFile, PeerKeyFile,
        JwtAuthority, JwtIssuer, JwtAudience, JwtKeyFile, JwtRate, MaxConnections, HeaderTimeoutMs, KeepAliveTimeoutMs, MinDataRate, AuditDays,
    ];
}
