using System.Net;

namespace HeliosEdge.EdgeClient;

/// <summary>The guest trapped. Code <c>trap</c>.</summary>
public sealed class EdgeTrapException : EdgeException
{
    internal const string StableCode = "trap";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeTrapException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
