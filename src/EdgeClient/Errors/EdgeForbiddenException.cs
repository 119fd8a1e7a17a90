using System.Net;

namespace HeliosEdge.Client;

/// <summary>The key does not have the scope that the call needs, or the operator does not allow the engine that the function chooses. Code <c>forbidden</c>.</summary>
public sealed class EdgeForbiddenException : EdgeException
{
    internal const string StableCode = "forbidden";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeForbiddenException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
