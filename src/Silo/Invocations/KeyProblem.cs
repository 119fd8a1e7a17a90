using HeliosEdge.Grains;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Problems;

namespace HeliosEdge.Silo.Invocations;

/// <summary>Why a call does not get what its idempotency key holds.</summary>
internal static class KeyProblem
{
    /// <summary>The key is that of another call.</summary>
    /// <param name="key">The key as the caller wrote it.</param>
    /// <param name="what">What has it and how that differs, to follow "belongs to".</param>
    public static Problem Reused(string key, string what) =>
        Problem.Of(ErrorCodes.IdempotencyKeyReused, $"The key \"{Names.Shorten(key)}\" belongs to {what}.");

    /// <summary>What has the key is a fan-out, and this is none.</summary>
    public static Problem OfFanOut(string key, Guid fanOut) => Reused(key, $"the fan-out {fanOut}, which is not a call of one region");

    /// <summary>What has the key is a call of one region, and this is a fan-out.</summary>
    public static Problem OfCall(string key, Guid? invocation) =>
        Reused(key, $"{(invocation is { } id ? $"the invocation {id}" : "a call")}, which is not a fan-out");

    /// <summary>The call that has the key has not ended; whoever gets this may ask again shortly.</summary>
    public static Task<IResult> RefuseAsRunningAsync(this HttpContext http, string detail)
    {
        http.Response.Headers.RetryAfter = "1";
        return http.RefuseAsync(Problem.Of(ErrorCodes.InProgress, detail));
    }
}
