using System.Net;

namespace HeliosEdge.Client;

/// <summary>The key was used more often than it may be; the call did nothing and may be repeated later. Code <c>rate_limited</c>.</summary>
public sealed class EdgeRateLimitedException : EdgeException
{
    internal const string StableCode = "rate_limited";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeRateLimitedException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
