using System.Net;

namespace HeliosEdge.Client;

/// <summary>The guest tried again and again to have the host reach outside its memory, and was ended. Code <c>sandbox_violation</c>.</summary>
public sealed class EdgeSandboxViolationException : EdgeException
{
    internal const string StableCode = "sandbox_violation";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeSandboxViolationException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
