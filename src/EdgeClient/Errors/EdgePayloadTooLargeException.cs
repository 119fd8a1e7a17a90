using System.Net;

namespace HeliosEdge.Client;

/// <summary>The payload is larger than the function accepts. Code <c>payload_too_large</c>.</summary>
public sealed class EdgePayloadTooLargeException : EdgeException
{
    internal const string StableCode = "payload_too_large";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgePayloadTooLargeException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
