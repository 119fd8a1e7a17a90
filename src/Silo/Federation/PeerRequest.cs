using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Federation;

/// <summary>Requests of other silos.</summary>
internal static class PeerRequest
{
    /// <summary>Whether a request says that it comes from another silo. What lets requests in refuses that of anybody else.</summary>
    public static bool IsOne(HttpRequest request) => request.Headers.ContainsKey(HeliosHeaders.Hops);
}
