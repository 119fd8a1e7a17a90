using System.Net;

namespace HeliosEdge.Client;

/// <summary>No function of that name is registered, or not in that region. Code <c>function_not_found</c>.</summary>
public sealed class EdgeFunctionNotFoundException : EdgeException
{
    internal const string StableCode = "function_not_found";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeFunctionNotFoundException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
