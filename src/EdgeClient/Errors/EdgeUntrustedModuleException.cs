using System.Net;

namespace HeliosEdge.Client;

/// <summary>The module that arrived does not have the SHA-256 that was stated for it: it was changed on its way. Code <c>untrusted_module</c>.</summary>
public sealed class EdgeUntrustedModuleException : EdgeException
{
    internal const string StableCode = "untrusted_module";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeUntrustedModuleException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
