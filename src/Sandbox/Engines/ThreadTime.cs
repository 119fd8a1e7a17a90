using System.Diagnostics;
using System.Runtime.InteropServices;

namespace HeliosEdge.Sandbox.Engines;

/// <summary>Processor time of the current thread; where the system does not tell it, the time that passes.</summary>
internal static partial class ThreadTime
{
    private const int ThreadClockOfLinux = 3;
    private const int ThreadClockOfMacOS = 16;

    public static TimeSpan Current
    {
        get
        {
            var clock = OperatingSystem.IsLinux() ? ThreadClockOfLinux : OperatingSystem.IsMacOS() ? ThreadClockOfMacOS : -1;
            return clock >= 0 && clock_gettime(clock, out var time) == 0
                ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1_000)
                : Stopwatch.GetElapsedTime(0);
        }
    }

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, out TimeSpecification time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpecification
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
