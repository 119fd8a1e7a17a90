using System.Globalization;
using HeliosEdge.Access.Keys;
using HeliosEdge.Federation;
using HeliosEdge.Grains;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Problems;

namespace HeliosEdge.Silo.Access;

/// <summary>Lets a request through to its endpoint if the endpoint's rule allows it.</summary>
internal sealed class AccessMiddleware(Authenticator authenticator, CallerRates rates, AuditTrail trail)
{
    private const string Scheme = "Bearer realm=\"helios\"";

    public Task RunAsync(HttpContext http, RequestDelegate next)
    {
        // Other endpoints are those with which routing refuses a method or a type of body: there is nothing to guard.
        if (http.GetEndpoint() is not RouteEndpoint endpoint)
        {
            return next(http);
        }

        // The common case costs no state machine.
        var refusing = RefuseAsync(http, AccessRule.Of(endpoint, http.Request.Method));
        return refusing.IsCompletedSuccessfully ? GoOn(http, next, refusing.Result) : GoOnAsync(http, next, refusing);
    }

    private static async Task GoOnAsync(HttpContext http, RequestDelegate next, ValueTask<Problem?> refusing) => await GoOn(http, next, await refusing);

    private static Task GoOn(HttpContext http, RequestDelegate next, Problem? refusal) =>
        refusal is null ? next(http) : http.WriteProblemAsync(refusal);

    private async ValueTask<Problem?> RefuseAsync(HttpContext http, AccessRule rule)
    {
        // A call of a function is no reading, whatever its method.
        var reads = AccessRule.IsSafe(http.Request.Method) && rule is { Change: null, Scope: not Scopes.Invoke };
        if (!reads && CrossSite.Reason(http.Request) is { } reason)
        {
            return Problem.Of(ErrorCodes.CrossSiteRequest, $"A browser sends this for another site: {reason}.");
        }

        if (rule.Scope == Scopes.None)
        {
            return null;
        }

        var authentication = await authenticator.AuthenticateAsync(http);
        if (authentication.Caller is not { } caller)
        {
            http.Response.Headers.WWWAuthenticate = authentication.IsInvalid ? $"{Scheme}, error=\"invalid_token\"" : Scheme;
            return Problem.Of(ErrorCodes.Unauthenticated, authentication.Fault);
        }

        // A page whose name was pointed at 127.0.0.1 is its own origin; but the name stays in the Host.
        if (caller == Caller.Loopback && !LocalAddress.IsLoopback(http.Request.Host.Host))
        {
            return Problem.Of(
                ErrorCodes.CrossSiteRequest,
                $"A silo without keys answers only to the names of this machine, such as localhost, not to the Host \"{Names.Shorten(http.Request.Host.ToString())}\".");
        }

        if (!caller.May(Scopes.Peer) && PeerRequest.IsOne(http.Request))
        {
            return Problem.Of(ErrorCodes.Forbidden, $"The header {HeliosHeaders.Hops} is for silos, which show the peer key or their certificate; {caller.Name} is none.");
        }

        if (!rates.TryTake(caller, out var retryAfter))
        {
            http.Response.Headers.RetryAfter = retryAfter.ToString(CultureInfo.InvariantCulture);
            return Problem.Of(ErrorCodes.RateLimited, $"{caller.Name} may send {caller.Rate} requests a second.") with { Limit = caller.Rate };
        }

        if (rule.TellsCaller || http.Request.Headers.ContainsKey(HeliosHeaders.IdempotencyKey))
        {
            http.Features.Set(caller);
        }

        if (rule.Change is { } change)
        {
            // What is refused to somebody known is in the log, too.
            await trail.BeginAsync(http, caller, change);
        }

        if (!rule.Allows(caller))
        {
            http.Response.Headers.WWWAuthenticate = $"{Scheme}, error=\"insufficient_scope\", scope=\"{ScopeWords.Word(rule.Scope)}\"";
            return Problem.Of(ErrorCodes.Forbidden, $"This needs the scope {rule.Words}, which {caller.Name} does not have.");
        }

        return null;
    }
}
