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

    /// <summary>The silo is starting or stopping, or one of its parts did not answer.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>A fault in the silo; its log has the rest.</summary>
    public const string InternalError = "internal_error";

    /// <summary>There is no asynchronous invocation with this id, or it has been forgotten.</summary>
    public const string InvocationNotFound = "invocation_not_found";

    /// <summary>There is no fan-out with this id, or it has been forgotten.</summary>
    public const string FanOutNotFound = "fanout_not_found";

    /// <summary>The invocation has not ended with a response, so there is none to give.</summary>
    public const string NoResult = "no_result";

    /// <summary>The invocation is not dead, so it can not be queued again.</summary>
    public const string NotDead = "not_dead";

    /// <summary>The silo that ran the last attempt went away.</summary>
    public const string Abandoned = "abandoned";

    /// <summary>A call with this idempotency key runs.</summary>
    public const string InProgress = "in_progress";

    /// <summary>The idempotency key was used with another payload.</summary>
    public const string IdempotencyKeyReused = "idempotency_key_reused";
}
