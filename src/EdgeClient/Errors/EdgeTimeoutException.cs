using System.Net;

namespace HeliosEdge.Client;

/// <summary>The guest ran past the function's deadline and was stopped. Code <c>timeout</c>.</summary>
public sealed class EdgeTimeoutException : EdgeException
{
    internal const string StableCode = "timeout";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeTimeoutException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
