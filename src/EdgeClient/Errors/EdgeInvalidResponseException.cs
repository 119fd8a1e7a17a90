using System.Net;

namespace HeliosEdge.Client;

/// <summary>
/// Something answered, but not as a silo does: an error without problem details (RFC 9457), JSON of another shape,
/// or a broken HTTP message. Code <c>invalid_response</c>.
/// </summary>
public sealed class EdgeInvalidResponseException : EdgeException
{
    internal const string StableCode = "invalid_response";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the answer; null when not even that could be read.</param>
    /// <param name="detail">What was wrong with the answer, for people.</param>
    /// <param name="cause">The error underneath, if any.</param>
    public EdgeInvalidResponseException(HttpStatusCode? status, string detail, Exception? cause = null)
        : base(StableCode, status, detail, cause)
    {
    }
}
