using System.Net;

namespace HeliosEdge.Client;

/// <summary>The module is larger than the silo accepts. Code <c>module_too_large</c>.</summary>
public sealed class EdgeModuleTooLargeException : EdgeException
{
    internal const string StableCode = "module_too_large";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeModuleTooLargeException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
