using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace HeliosEdge.Federation;

/// <summary>Requests of other silos.</summary>
internal static class PeerRequest
{
    /// <summary>Whether a request says that it comes from another silo. What lets requests in refuses that of anybody else.</summary>
    public static bool IsOne(HttpRequest request) => request.Headers.ContainsKey(HeliosHeaders.Hops);

    /// <summary>
    /// Lets the body of another silo's request come as slowly as it does. That silo asks its own caller for a pace; asked here, too, a caller who is
    /// too slow for it would cost all calls on the silos' connection, which HTTP/2 gives up as a whole. To be called before anything of the body is read.
    /// </summary>
    public static void AllowAnyPace(HttpContext http)
    {
        if (IsOne(http.Request) && http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } pace)
        {
            pace.MinDataRate = null;
        }
    }
}
