using System.Net;

namespace HeliosEdge.Client;

/// <summary>The module's bytes are malformed, do not validate, or use a proposal that the silo does not support. Code <c>invalid_module</c>.</summary>
public sealed class EdgeInvalidModuleException : EdgeException
{
    internal const string StableCode = "invalid_module";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeInvalidModuleException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
