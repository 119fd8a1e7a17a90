using System.Diagnostics;

namespace HeliosEdge.Sandbox.Wasi;

/// <summary>The clocks that guests see, in nanoseconds.</summary>
internal static class WasiClock
{
    public const uint RealtimeId = 0;
    public const uint MonotonicId = 1;

    private const ulong NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Nanoseconds since 1970-01-01T00:00Z.</summary>
    public static ulong Realtime() => (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>Nanoseconds since a point that means nothing, never backwards.</summary>
    public static ulong Monotonic() =>
        (ulong)((UInt128)(ulong)Stopwatch.GetTimestamp() * NanosecondsPerSecond / (ulong)Stopwatch.Frequency);

    /// <exception cref="WasiException">The clock is not supported, as the specification wants: <see cref="Errno.Invalid"/>.</exception>
    public static ulong Now(uint id) => id switch
    {
        RealtimeId => Realtime(),
        MonotonicId => Monotonic(),
        _ => throw new WasiException(Errno.Invalid),
    };

    /// <inheritdoc cref="Now"/>
    public static ulong Resolution(uint id) => id switch
    {
        RealtimeId => TimeSpan.NanosecondsPerTick,
        MonotonicId => Math.Max(1, NanosecondsPerSecond / (ulong)Stopwatch.Frequency),
        _ => throw new WasiException(Errno.Invalid),
    };
}
