namespace HeliosEdge.Silo.Problems;

/// <summary>Codes of problems that lie in the request or the server itself; those of modules and functions are in <see cref="Sandbox.ErrorCodes"/>.</summary>
internal static class ProblemCodes
{
    /// <summary>No such route.</summary>
    public const string NotFound = "not_found";

    /// <summary>The route exists, but not for this method.</summary>
    public const string MethodNotAllowed = "method_not_allowed";

    /// <summary>The body is of a type that the route does not take.</summary>
    public const string UnsupportedMediaType = "unsupported_media_type";

    /// <summary>The sender says that it is another silo, and does not show the secret that silos share.</summary>
    public const string PeerRefused = "peer_refused";

    /// <summary>The silo is starting or stopping, or one of its parts did not answer.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>A fault in the silo; its log has the rest.</summary>
    public const string InternalError = "internal_error";
}
