namespace HeliosEdge.Federation.Problems;

/// <summary>Codes of problems that lie in the request or the server itself; those of modules and functions are in <see cref="Sandbox.ErrorCodes"/>.</summary>
internal static class ProblemCodes
{
    /// <summary>No such route.</summary>
    public const string NotFound = "not_found";

    /// <summary>The route exists, but not for this method.</summary>
    public const string MethodNotAllowed = "method_not_allowed";

    /// <summary>The request is no HTTP, or could be read in two ways.</summary>
    public const string MalformedRequest = "malformed_request";

    /// <summary>The body is sent in a way that nobody here undoes.</summary>
    public const string NotImplemented = "not_implemented";

    /// <summary>The body is of a type that the route does not take.</summary>
    public const string UnsupportedMediaType = "unsupported_media_type";

    /// <summary>Nobody is known to have sent the request: no key, or none that is good.</summary>
    public const string Unauthenticated = "unauthenticated";

    /// <summary>The caller does not have the scope that this needs.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>A browser sends the request for another site's page.</summary>
    public const string CrossSiteRequest = "cross_site_request";

    /// <summary>The caller sends more requests than its key may.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>There is no key with this id.</summary>
    public const string KeyNotFound = "key_not_found";

    /// <summary>The key is the only one that can make keys.</summary>
    public const string LastAdminKey = "last_admin_key";

    /// <summary>The request came too slowly.</summary>
    public const string RequestTimeout = "request_timeout";

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
