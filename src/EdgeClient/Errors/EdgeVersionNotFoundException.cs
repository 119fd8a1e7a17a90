using System.Net;

namespace HeliosEdge.Client;

/// <summary>The function has no such version, or none before its current one. Code <c>version_not_found</c>.</summary>
public sealed class EdgeVersionNotFoundException : EdgeException
{
    internal const string StableCode = "version_not_found";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeVersionNotFoundException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
