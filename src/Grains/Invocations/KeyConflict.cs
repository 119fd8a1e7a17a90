using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.Invocations;

/// <summary>Why a call does not get what its idempotency key holds.</summary>
internal static class KeyConflict
{
    /// <summary>The key is that of another call.</summary>
    /// <param name="key">The key.</param>
    /// <param name="what">What has it and how that differs, to follow "belongs to".</param>
    public static SandboxException Reused(CallKey key, string what) =>
        new(ErrorCodes.IdempotencyKeyReused, $"The key \"{Names.Shorten(key.Text)}\" belongs to {what}.");

    /// <summary>What has the key is a fan-out, and this is none.</summary>
    public static SandboxException OfFanOut(CallKey key, Guid fanOut) => Reused(key, $"the fan-out {fanOut}, which is not a call of one region");

    /// <summary>What has the key is a call of one region, and this is a fan-out.</summary>
    public static SandboxException OfCall(CallKey key, Guid? invocation) =>
        Reused(key, $"{(invocation is { } id ? $"the invocation {id}" : "a call")}, which is not a fan-out");

    /// <summary>The call that has the key has not ended; whoever gets this may ask again shortly.</summary>
    public static SandboxException Running(string message) => new(ErrorCodes.InProgress, message);
}
