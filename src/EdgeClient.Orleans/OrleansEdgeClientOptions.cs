using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace HeliosEdge.Client;

/// <summary>How a client finds a cluster, and how both know each other.</summary>
public sealed class OrleansEdgeClientOptions
{
    /// <summary>The gateways of silos, one or more: their <c>--cluster-address</c> and <c>--gateway-port</c>. Calls are spread over those that answer.</summary>
    public required IReadOnlyList<IPEndPoint> Gateways { get; init; }

    /// <summary>The silos' <c>--cluster-id</c>.</summary>
    public string ClusterId { get; init; } = "helios";

    /// <summary>
    /// The certificate, with its private key, that silos are shown: of their <c>--peer-ca</c> and good for clients. Null for silos that have no certificates for each other, which are on this machine then.
    /// </summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The authority that gives silos their certificates, as their <c>--peer-ca</c>; stated if and only if <see cref="Certificate"/> is.</summary>
    public X509Certificate2Collection? Authority { get; init; }
}
