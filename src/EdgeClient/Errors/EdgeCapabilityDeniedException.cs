using System.Net;

namespace HeliosEdge.Client;

/// <summary>The function needs, or asks for, what its profile or the policy of a region does not grant. Code <c>capability_denied</c>.</summary>
public sealed class EdgeCapabilityDeniedException : EdgeException
{
    internal const string StableCode = "capability_denied";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeCapabilityDeniedException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
