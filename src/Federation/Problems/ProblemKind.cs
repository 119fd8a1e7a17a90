using System.Collections.Frozen;
using HeliosEdge.Sandbox;
using Microsoft.AspNetCore.Http;

namespace HeliosEdge.Federation.Problems;

/// <summary>What all problems with one code have in common.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">The same words every time.</param>
internal sealed record ProblemKind(int Status, string Title)
{
    // The caller's faults are 4xx. A guest that misbehaves is to the caller what a broken upstream is behind a gateway: 502 and 504.
    private static readonly FrozenDictionary<string, ProblemKind> Kinds = new Dictionary<string, ProblemKind>
    {
        [ErrorCodes.InvalidParameter] = new(StatusCodes.Status400BadRequest, "A parameter is not accepted"),
        [ErrorCodes.InvalidModule] = new(StatusCodes.Status422UnprocessableEntity, "The module is not accepted"),
        [ErrorCodes.ModuleTooLarge] = new(StatusCodes.Status413PayloadTooLarge, "The module is too large"),
        [ErrorCodes.CompileLimitExceeded] = new(StatusCodes.Status422UnprocessableEntity, "The module takes too much to compile"),
        [ErrorCodes.CompileFailed] = new(StatusCodes.Status500InternalServerError, "The compiler failed"),
        [ErrorCodes.Compiling] = new(StatusCodes.Status503ServiceUnavailable, "The function's module is being compiled"),
        [ErrorCodes.UntrustedModule] = new(StatusCodes.Status422UnprocessableEntity, "The module is not the one that was stated"),
        [ErrorCodes.ModuleNotFound] = new(StatusCodes.Status404NotFound, "There is no such module"),
        [ErrorCodes.InvalidBundle] = new(StatusCodes.Status422UnprocessableEntity, "The bundle is not accepted"),
        [ErrorCodes.BundleTooLarge] = new(StatusCodes.Status413PayloadTooLarge, "The bundle is too large"),
        [ErrorCodes.BundleNotFound] = new(StatusCodes.Status404NotFound, "There is no such bundle"),
        [ErrorCodes.FunctionNotFound] = new(StatusCodes.Status404NotFound, "There is no such function"),
        [ErrorCodes.VersionNotFound] = new(StatusCodes.Status404NotFound, "There is no such version"),
        [ErrorCodes.RegionNotFound] = new(StatusCodes.Status404NotFound, "There is no such region"),
        [ErrorCodes.RegionUnavailable] = new(StatusCodes.Status503ServiceUnavailable, "The region can not be reached now"),
        [ErrorCodes.PeerFailed] = new(StatusCodes.Status502BadGateway, "The silo of the region failed"),
        [ErrorCodes.LoopDetected] = new(StatusCodes.Status508LoopDetected, "The silos pass the call on in a circle"),
        [ErrorCodes.PayloadTooLarge] = new(StatusCodes.Status413PayloadTooLarge, "The payload is too large"),
        [ErrorCodes.ResponseTooLarge] = new(StatusCodes.Status502BadGateway, "The function's response is too large"),
        [ErrorCodes.CorruptedResponse] = new(StatusCodes.Status502BadGateway, "The function returned what is no response"),
        [ErrorCodes.InvalidHttpResponse] = new(StatusCodes.Status502BadGateway, "The function gave no HTTP response"),
        [ErrorCodes.Timeout] = new(StatusCodes.Status504GatewayTimeout, "The function took too long"),
        [ErrorCodes.Cancelled] = new(StatusCodes.Status499ClientClosedRequest, "The caller took the call back"),
        [ErrorCodes.MemoryLimitExceeded] = new(StatusCodes.Status502BadGateway, "The function needs more memory than it may have"),
        [ErrorCodes.Trap] = new(StatusCodes.Status502BadGateway, "The function trapped"),
        [ErrorCodes.OutOfBounds] = new(StatusCodes.Status502BadGateway, "The function pointed outside its memory"),
        [ErrorCodes.NullPointer] = new(StatusCodes.Status502BadGateway, "The function gave a null pointer"),
        [ErrorCodes.Misaligned] = new(StatusCodes.Status502BadGateway, "The function gave a misaligned pointer"),
        [ErrorCodes.StringTooLarge] = new(StatusCodes.Status502BadGateway, "The function gave a string that is too large"),
        [ErrorCodes.InvalidUtf8] = new(StatusCodes.Status502BadGateway, "The function gave a string that is no UTF-8"),
        [ErrorCodes.MemoryNotFound] = new(StatusCodes.Status502BadGateway, "The function exports no memory"),
        [ErrorCodes.AllocatorNotFound] = new(StatusCodes.Status502BadGateway, "The function exports no allocator"),
        [ErrorCodes.DeallocatorNotFound] = new(StatusCodes.Status502BadGateway, "The function exports no deallocator"),
        [ErrorCodes.AllocationFailed] = new(StatusCodes.Status502BadGateway, "The function has no room"),
        [ErrorCodes.SandboxViolation] = new(StatusCodes.Status502BadGateway, "The function was ended for violating its sandbox"),
        [ErrorCodes.AllocationTooLarge] = new(StatusCodes.Status502BadGateway, "The function allocated too large a block"),
        [ErrorCodes.AllocationTotalExceeded] = new(StatusCodes.Status502BadGateway, "The function allocated too much"),
        [ErrorCodes.OverlappingAllocation] = new(StatusCodes.Status502BadGateway, "The function's allocator handed out memory that is in use"),
        [ErrorCodes.UnknownAllocation] = new(StatusCodes.Status502BadGateway, "The function freed what it had not allocated"),
        [ErrorCodes.DoubleFree] = new(StatusCodes.Status502BadGateway, "The function freed a block twice"),
        [ErrorCodes.AllocationSizeMismatch] = new(StatusCodes.Status502BadGateway, "The function freed a block with the wrong size"),
        [ErrorCodes.GuestExit] = new(StatusCodes.Status502BadGateway, "The function exited with an error"),
        [ErrorCodes.CapabilityDenied] = new(StatusCodes.Status502BadGateway, "The function needs what its profile does not grant"),
        [ErrorCodes.HostCallsExceeded] = new(StatusCodes.Status502BadGateway, "The function called the host too often"),
        [ErrorCodes.FuelExhausted] = new(StatusCodes.Status502BadGateway, "The function ran more instructions than it may"),
        [ErrorCodes.LogLimitExceeded] = new(StatusCodes.Status502BadGateway, "The function logged too much"),
        [ErrorCodes.HttpRequestInvalid] = new(StatusCodes.Status502BadGateway, "The function made an HTTP request that is none"),
        [ErrorCodes.HttpRequestTooLarge] = new(StatusCodes.Status502BadGateway, "The function made too large an HTTP request"),
        [ErrorCodes.HttpHostDenied] = new(StatusCodes.Status502BadGateway, "The function requested a host that it may not reach"),
        [ErrorCodes.HttpRequestsExceeded] = new(StatusCodes.Status502BadGateway, "The function has too many HTTP requests at once"),
        [ErrorCodes.HttpAddressDenied] = new(StatusCodes.Status502BadGateway, "The function requested an address that it may not reach"),
        [ErrorCodes.HttpFailed] = new(StatusCodes.Status502BadGateway, "The function's HTTP request failed"),
        [ErrorCodes.HttpResponseTooLarge] = new(StatusCodes.Status502BadGateway, "The function was sent too large an HTTP response"),
        [ErrorCodes.Overloaded] = new(StatusCodes.Status429TooManyRequests, "The silo is too busy"),
        [ProblemCodes.InvocationNotFound] = new(StatusCodes.Status404NotFound, "There is no such invocation"),
        [ProblemCodes.FanOutNotFound] = new(StatusCodes.Status404NotFound, "There is no such fan-out"),
        [ProblemCodes.NoResult] = new(StatusCodes.Status409Conflict, "The invocation has no result"),
        [ProblemCodes.NotDead] = new(StatusCodes.Status409Conflict, "The invocation is not dead"),
        [ProblemCodes.Abandoned] = new(StatusCodes.Status502BadGateway, "The silo that ran the invocation went away"),
        [ProblemCodes.InProgress] = new(StatusCodes.Status409Conflict, "A call with this idempotency key runs"),
        [ProblemCodes.IdempotencyKeyReused] = new(StatusCodes.Status422UnprocessableEntity, "The idempotency key was used with another payload"),
        [ProblemCodes.NotFound] = new(StatusCodes.Status404NotFound, "There is no such route"),
        [ProblemCodes.MethodNotAllowed] = new(StatusCodes.Status405MethodNotAllowed, "The route does not take this method"),
        [ProblemCodes.MalformedRequest] = new(StatusCodes.Status400BadRequest, "The request is no HTTP"),
        [ProblemCodes.NotImplemented] = new(StatusCodes.Status501NotImplemented, "The request uses what is not implemented"),
        [ProblemCodes.UnsupportedMediaType] = new(StatusCodes.Status415UnsupportedMediaType, "The route does not take such a body"),
        [ProblemCodes.Unauthenticated] = new(StatusCodes.Status401Unauthorized, "The caller is not known"),
        [ProblemCodes.Forbidden] = new(StatusCodes.Status403Forbidden, "The caller may not do this"),
        [ProblemCodes.CrossSiteRequest] = new(StatusCodes.Status403Forbidden, "Another site's page may not do this"),
        [ProblemCodes.RateLimited] = new(StatusCodes.Status429TooManyRequests, "The caller sends too many requests"),
        [ProblemCodes.KeyNotFound] = new(StatusCodes.Status404NotFound, "There is no such key"),
        [ProblemCodes.LastAdminKey] = new(StatusCodes.Status409Conflict, "The last key of an administrator stays"),
        [ProblemCodes.RequestTimeout] = new(StatusCodes.Status408RequestTimeout, "The request came too slowly"),
        [ErrorCodes.Unavailable] = new(StatusCodes.Status503ServiceUnavailable, "The silo can not answer now"),
        [ProblemCodes.InternalError] = new(StatusCodes.Status500InternalServerError, "The silo failed"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>All codes that a problem of the silo can have.</summary>
    public static IEnumerable<string> Codes => Kinds.Keys.Order(StringComparer.Ordinal);

    /// <summary>Whether a problem can have this code.</summary>
    public static bool IsKnown(string code) => Kinds.ContainsKey(code);

    public static ProblemKind Of(string code) => Kinds[code];

    /// <summary>The code of a response that ASP.NET Core left without a body.</summary>
    public static string CodeOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => ProblemCodes.NotFound,
        StatusCodes.Status405MethodNotAllowed => ProblemCodes.MethodNotAllowed,
        StatusCodes.Status408RequestTimeout => ProblemCodes.RequestTimeout,
        StatusCodes.Status413PayloadTooLarge => ErrorCodes.PayloadTooLarge,
        StatusCodes.Status415UnsupportedMediaType => ProblemCodes.UnsupportedMediaType,
        StatusCodes.Status503ServiceUnavailable => ErrorCodes.Unavailable,
        >= 500 => ProblemCodes.InternalError,
        _ => ErrorCodes.InvalidParameter,
    };
}
