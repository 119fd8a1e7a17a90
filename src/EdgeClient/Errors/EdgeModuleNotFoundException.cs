using System.Net;

namespace HeliosEdge.Client;

/// <summary>The silo holds no module with that hash. Code <c>module_not_found</c>.</summary>
public sealed class EdgeModuleNotFoundException : EdgeException
{
    internal const string StableCode = "module_not_found";

    /// <summary>Makes the exception.</summary>
    /// <param name="status">The HTTP status of the silo's answer.</param>
    /// <param name="detail">What was wrong, for people.</param>
    public EdgeModuleNotFoundException(HttpStatusCode? status, string detail)
        : base(StableCode, status, detail)
    {
    }
}
