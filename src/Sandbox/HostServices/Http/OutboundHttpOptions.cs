using System.Security.Cryptography.X509Certificates;

namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>What the operator of a silo sets about the requests of its guests.</summary>
public sealed record OutboundHttpOptions
{
    /// <summary>
    /// True to let guests reach loopback and private networks (RFC 1918, RFC 6598, RFC 4193), still only hosts on their allow-lists.
    /// Link-local addresses, where clouds have their metadata, multicast and reserved ones are never reached. Default false.
    /// </summary>
    public bool AllowPrivateNetworks { get; init; }

    /// <summary>
    /// Certificates of authorities whose servers guests may reach over https, beside those that the machine trusts. Default none.
    /// </summary>
    public X509Certificate2Collection Authorities { get; init; } = [];

    /// <summary>Bytes of the largest request body. Default 1 MiB.</summary>
    public int MaxRequestBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of the largest response body. Default 1 MiB.</summary>
    public int MaxResponseBytes { get; init; } = 1 << 20;

    /// <summary>Redirects that are followed for one request. Default 5.</summary>
    public int MaxRedirects { get; init; } = 5;

    /// <summary>The time that finding a host's addresses and connecting to one may take. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
