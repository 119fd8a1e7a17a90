using System.Net;

namespace HeliosEdge.Client;

/// <summary>The silo has more work than it takes on at a time; the call did not start and may be repeated later. Code <c>overloaded</c>.</summary>
public sealed class EdgeOverloadedException : EdgeException
{
    internal const string StableCode = "overloaded";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeOverloadedException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
