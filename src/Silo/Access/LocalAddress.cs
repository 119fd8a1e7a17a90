using System.Net;

namespace HeliosEdge.Silo.Access;

/// <summary>Names and addresses that only this machine has.</summary>
internal static class LocalAddress
{
    /// <summary>Tells whether a host, as in a URL or the header <c>Host</c>, can only be this machine.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Tells whether Kestrel listens on loopback only for a URL; what is neither <c>localhost</c> nor an address means all interfaces.</summary>
    public static bool ListensLocally(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(uri.Host, out var address) && IPAddress.IsLoopback(address)));
}
