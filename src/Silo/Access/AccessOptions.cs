using System.Globalization;
using HeliosEdge.Access.Keys;
using HeliosEdge.Access.Tls;
using HeliosEdge.Access.Tokens;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Federation;
using HeliosEdge.Silo.Hosting;

namespace HeliosEdge.Silo.Access;

/// <summary>Who gets in, and how; every value checked, no file read yet.</summary>
internal sealed record AccessOptions
{
    public TlsOptions? Tls { get; init; }

    public string? PeerCa { get; init; }

    /// <summary>What https peers, and the silos of the cluster, are shown; null for the certificate of <see cref="Tls"/>, where the peers' authority made it for clients too.</summary>
    public TlsOptions? PeerCertificate { get; init; }

    /// <summary>Whether there is what silos of a cluster need to speak TLS with each other.</summary>
    public bool HasClusterTls => PeerCa is not null && (PeerCertificate ?? Tls) is not null;

    public string? PeerKeyFile { get; init; }

    public JwtOptions? Jwt { get; init; }

    public ConnectionLimits Connections { get; init; } = new();

    /// <summary>How long entries of the log of changes are kept; null for ever.</summary>
    public TimeSpan? AuditKept { get; init; }

    /// <summary>Reads the options.</summary>
    /// <param name="find">Gives the text of a setting, or null where it is not set.</param>
    /// <param name="urls">Where the silo serves.</param>
    /// <param name="isInCluster">Whether the silo meets others of its cluster, too.</param>
    /// <exception cref="InvalidSettingException">A value is not accepted, or does not go with another.</exception>
    public static AccessOptions From(Func<Setting, string?> find, IReadOnlyList<string> urls, bool isInCluster)
    {
        var tls = ParseTls(find);
        var https = urls.Where(url => url.StartsWith("https:", StringComparison.OrdinalIgnoreCase)).ToArray();
        if (tls is null && https.Length > 0)
        {
            throw new InvalidSettingException($"--urls: \"{https[0]}\" needs a certificate for TLS; --tls-cert names its file.");
        }

        if (tls is not null && https.Length == 0)
        {
            throw new InvalidSettingException("--tls-cert is for https addresses, and --urls names none.");
        }

        var asksHttps = (find(FederationSettings.Peers) ?? string.Empty).Contains("=https://", StringComparison.OrdinalIgnoreCase);
        var meetsSilos = isInCluster || asksHttps;
        if (tls is null && !meetsSilos && Text(find, AccessSettings.PeerCa) is not null)
        {
            throw new InvalidSettingException("--peer-ca needs --tls-cert, an https address in --peers, or a cluster: only over TLS can silos show certificates.");
        }

        var limits = new ConnectionLimits();
        return new AccessOptions
        {
            Tls = tls,
            PeerCa = Text(find, AccessSettings.PeerCa),
            PeerCertificate = ParsePeerCertificate(find, meetsSilos),
            PeerKeyFile = Text(find, AccessSettings.PeerKeyFile),
            Jwt = ParseJwt(find),
            AuditKept = Number(find, AccessSettings.AuditDays, 36_500) is { } days ? TimeSpan.FromDays(days) : null,
            Connections = limits with
            {
                MaxConnections = Number(find, AccessSettings.MaxConnections, 1_000_000),
                HeaderTimeout = Milliseconds(find, AccessSettings.HeaderTimeoutMs) ?? limits.HeaderTimeout,
                KeepAliveTimeout = Milliseconds(find, AccessSettings.KeepAliveTimeoutMs) ?? limits.KeepAliveTimeout,
                MinBytesPerSecond = Number(find, AccessSettings.MinDataRate, 1 << 30) ?? limits.MinBytesPerSecond,
            },
        };
    }

    private static TlsOptions? ParseTls(Func<Setting, string?> find)
    {
        var key = Text(find, AccessSettings.TlsKey);
        var password = Text(find, AccessSettings.TlsPasswordFile);
        if (Text(find, AccessSettings.TlsCert) is { } certificate)
        {
            return new TlsOptions(certificate, key, password);
        }

        return key is null && password is null ? null : throw new InvalidSettingException("--tls-key and --tls-password-file need --tls-cert.");
    }

    private static TlsOptions? ParsePeerCertificate(Func<Setting, string?> find, bool meetsSilos)
    {
        var key = Text(find, AccessSettings.PeerCertKey);
        var password = Text(find, AccessSettings.PeerCertPasswordFile);
        if (Text(find, AccessSettings.PeerCert) is not { } certificate)
        {
            return key is null && password is null
                ? null
                : throw new InvalidSettingException($"--{(key is null ? AccessSettings.PeerCertPasswordFile : AccessSettings.PeerCertKey).Name} needs --peer-cert.");
        }

        return meetsSilos
            ? new TlsOptions(certificate, key, password)
            : throw new InvalidSettingException("--peer-cert is for peers at https addresses, of which --peers names none, and for the silos of a cluster, of which this is none.");
    }

    private static JwtOptions? ParseJwt(Func<Setting, string?> find)
    {
        var authority = Text(find, AccessSettings.JwtAuthority);
        var issuer = Text(find, AccessSettings.JwtIssuer);
        var audience = Text(find, AccessSettings.JwtAudience);
        var keyFile = Text(find, AccessSettings.JwtKeyFile);
        var rate = Number(find, AccessSettings.JwtRate, KeyRequest.MaxRate);
        if (authority is null && keyFile is null)
        {
            return issuer is null && audience is null && rate is null
                ? null
                : throw new InvalidSettingException("--jwt-issuer, --jwt-audience and --jwt-rate need --jwt-authority or --jwt-key-file.");
        }

        if (authority is not null && keyFile is not null)
        {
            throw new InvalidSettingException("--jwt-authority and --jwt-key-file are two ways to get the issuer's keys; one is enough.");
        }

        if (audience is null)
        {
            throw new InvalidSettingException("--jwt-audience is needed: without, tokens that the issuer made for others would be good here.");
        }

        if (authority is null)
        {
            return issuer is null
                ? throw new InvalidSettingException("--jwt-key-file needs --jwt-issuer.")
                : new JwtOptions(null, issuer, audience, keyFile, rate);
        }

        return Uri.TryCreate(authority, UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
            ? new JwtOptions(url, issuer, audience, null, rate)
            : throw new InvalidSettingException($"--jwt-authority is an https URL, not \"{authority}\".");
    }

    private static string? Text(Func<Setting, string?> find, Setting setting) => find(setting) is { Length: > 0 } text ? text : null;

    private static TimeSpan? Milliseconds(Func<Setting, string?> find, Setting setting) =>
        Number(find, setting, 3_600_000) is { } number ? TimeSpan.FromMilliseconds(number) : null;

    private static int? Number(Func<Setting, string?> find, Setting setting, int largest)
    {
        if (Text(find, setting) is not { } text)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= largest
            ? number
            : throw new InvalidSettingException($"--{setting.Name} must be a whole number from 1 to {largest}, not \"{text}\".");
    }
}
