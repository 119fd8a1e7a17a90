using System.Net;

namespace HeliosEdge.Client;

/// <summary>The silo does not serve that region. Code <c>region_not_found</c>.</summary>
public sealed class EdgeRegionNotFoundException : EdgeException
{
    internal const string StableCode = "region_not_found";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeRegionNotFoundException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
