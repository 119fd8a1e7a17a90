using System.Net;

namespace HeliosEdge.Client;

/// <summary>The guest answered with more bytes than the function may return. Code <c>response_too_large</c>.</summary>
public sealed class EdgeResponseTooLargeException : EdgeException
{
    internal const string StableCode = "response_too_large";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeResponseTooLargeException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
