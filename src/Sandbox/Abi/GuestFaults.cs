using System.Collections.Immutable;
using System.Diagnostics;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Sandbox.Abi;

/// <summary>How the end of a guest that did not return is told, whatever its ABI.</summary>
internal static class GuestFaults
{
    /// <summary>The error of a guest whose deadline passed.</summary>
    public static SandboxException TimedOut(ResourceLimits limits, long started, ImmutableArray<string> backtrace, Exception? cause = null) =>
        new(ErrorCodes.Timeout, $"The guest was stopped at its deadline of {limits.TimeoutMs} ms.", cause)
        {
            Limit = limits.TimeoutMs,
            Value = Math.Max(limits.TimeoutMs, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds),
            Backtrace = backtrace,
        };

    /// <summary>The error for a trap.</summary>
    public static SandboxException Explain(GuestTrapException trap, IGuestInstance? instance, ResourceLimits limits, long started)
    {
        if (trap.Trap == GuestTrap.Interrupted)
        {
            return TimedOut(limits, started, trap.Backtrace, trap);
        }

        if (trap.Trap == GuestTrap.OutOfFuel)
        {
            return new SandboxException(ErrorCodes.FuelExhausted, $"The guest was stopped after {trap.Limit} instructions, which is all it may run.", trap)
            {
                Limit = trap.Limit,
                Backtrace = trap.Backtrace,
            };
        }

        if (instance is { MemoryGrowthRefused: true })
        {
            return MemoryLimit.Exceeded($"The guest trapped ({trap.Message}) after more memory was refused to it", limits, trap);
        }

        return new SandboxException(ErrorCodes.Trap, $"The guest trapped: {trap.Message}.", trap) { Backtrace = trap.Backtrace };
    }
}
