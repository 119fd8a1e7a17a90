namespace HeliosEdge.Sandbox.Invocations;

/// <summary>Takes what functions log, and what is to be said about them. Used by many threads; must not throw.</summary>
public interface IGuestLog
{
    /// <summary>Takes a line.</summary>
    /// <param name="function">The function's name.</param>
    /// <param name="region">Where it ran.</param>
    /// <param name="level">How much it matters.</param>
    /// <param name="text">What the guest wrote: any text, line ends and control characters included.</param>
    void Write(string function, string region, GuestLogLevel level, string text);
}
