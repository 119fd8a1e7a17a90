using System.Net;

namespace HeliosEdge.Client;

/// <summary>The silo does not know who calls: there is no key, or none that is good. Code <c>unauthenticated</c>.</summary>
public sealed class EdgeUnauthenticatedException : EdgeException
{
    internal const string StableCode = "unauthenticated";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeUnauthenticatedException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
