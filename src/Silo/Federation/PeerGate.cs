using System.Net;
using HeliosEdge.Silo.Http;
using HeliosEdge.Silo.Problems;

namespace HeliosEdge.Silo.Federation;

/// <summary>Lets nobody speak for another silo who does not show the shared secret; without one, nobody from another machine.</summary>
internal sealed class PeerGate(PeerSecret? secret)
{
    private const string PeerRoutes = "/v1/peer";

    /// <summary>Whether the request comes from another silo, which this gate then has let through.</summary>
    public static bool IsPeer(HttpRequest request) => request.Headers.ContainsKey(HeliosHeaders.Hops);

    public Task RunAsync(HttpContext http, RequestDelegate next)
    {
        var isPeer = IsPeer(http.Request) || http.Request.Path.StartsWithSegments(PeerRoutes, StringComparison.OrdinalIgnoreCase);
        http.Request.Headers.Remove(HeliosHeaders.PeerKey, out var shown);
        return !isPeer || MaySpeakForPeer(http, shown.ToString())
            ? next(http)
            : http.WriteProblemAsync(Problem.Of(
                ProblemCodes.PeerRefused,
                secret is null
                    ? "This silo has no peer key; without one it takes peers only from its own machine."
                    : $"The header {HeliosHeaders.PeerKey} does not hold this silo's peer key."));
    }

    private bool MaySpeakForPeer(HttpContext http, string shown) => secret is null
        ? http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        : secret.Matches(shown);
}
