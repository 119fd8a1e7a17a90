using System.Net;

namespace HeliosEdge.Client;

/// <summary>The guest needs more linear memory than the function may use. Code <c>memory_limit_exceeded</c>.</summary>
public sealed class EdgeMemoryLimitException : EdgeException
{
    internal const string StableCode = "memory_limit_exceeded";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeMemoryLimitException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
