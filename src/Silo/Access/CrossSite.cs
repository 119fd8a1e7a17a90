using HeliosEdge.Grains;

namespace HeliosEdge.Silo.Access;

/// <summary>
/// Tells requests that a browser makes for another site's page. Browsers say so themselves, and scripts cannot change what they
/// say: in <c>Sec-Fetch-Site</c> (Fetch Metadata) or, before that, in <c>Origin</c> (RFC 6454). Other clients send neither.
/// </summary>
internal static class CrossSite
{
    private const string FetchSite = "Sec-Fetch-Site";

    /// <summary>Why a request is another site's; null if it is not.</summary>
    public static string? Reason(HttpRequest request)
    {
        // Another port or a sister domain is another site, too: who runs them is not known.
        if (request.Headers.TryGetValue(FetchSite, out var site))
        {
            return site.ToString() is "same-origin" or "none" ? null : $"{FetchSite} is \"{Names.Shorten(site.ToString())}\"";
        }

        return request.Headers.TryGetValue("Origin", out var origin) && !IsOwn(origin.ToString(), request.Host)
            ? $"its Origin is \"{Names.Shorten(origin.ToString())}\", not that of {Names.Shorten(request.Host.ToString())}"
            : null;
    }

    /// <summary>Compares hosts and ports; the schemes differ behind a proxy that ends TLS.</summary>
    private static bool IsOwn(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && uri.Host.Equals(host.Host, StringComparison.OrdinalIgnoreCase)
        && (host.Port is { } port ? uri.Port == port : uri.IsDefaultPort);
}
