using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox.Errors;

namespace HeliosEdge.Grains.Invocations;

/// <summary>When a failed attempt is followed by another: exponential backoff with full jitter, for failures that can pass.</summary>
public sealed class RetryPolicy(Random random)
{
    /// <summary>The longest wait before the second attempt; it doubles with each one after it.</summary>
    public static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait before any attempt.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(5);

    /// <summary>The longest wait for a region that cannot be reached; it may be back at any time.</summary>
    public static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    /// <summary>Tells whether a failure can pass. A trap or an exit may come of what the guest asked the world for.</summary>
    public static bool MayPass(string code) => ErrorKind.Find(code)?.Again != Retry.Never;

    /// <summary>Tells whether a failure says that nothing has begun.</summary>
    public static bool HasNotBegun(string code) => ErrorKind.Find(code)?.Again == Retry.NothingHasBegun;

    /// <summary>How long to wait before trying again what could not begin: at least half of a time that doubles up to <see cref="MaxPause"/>.</summary>
    /// <param name="postponed">How often in a row it could not begin before.</param>
    public TimeSpan PauseAfter(int postponed)
    {
        var most = FirstDelay * Math.Pow(2, Math.Min(postponed, 20));
        return (most < MaxPause ? most : MaxPause) * (0.5 + (random.NextDouble() / 2));
    }

    /// <summary>How long to wait after a failed attempt; null if another would fail the same way.</summary>
    /// <param name="fault">Why it failed.</param>
    /// <param name="attempt">Which attempt it was, counted from 1.</param>
    public TimeSpan? DelayAfter(InvocationFault fault, int attempt)
    {
        if (!MayPass(fault.Code))
        {
            return null;
        }

        var most = FirstDelay * Math.Pow(2, Math.Min(attempt - 1, 20));
        return (most < MaxDelay ? most : MaxDelay) * random.NextDouble();
    }
}
