using System.Globalization;
using System.Runtime.InteropServices;

namespace HeliosEdge.Sandbox.Engines.Compilation.Workers;

/// <summary>
/// The limits that a compiler's process puts on itself, where the system is Linux: what it does not know of, such as a fault in the
/// compiler that makes it forget them, the system keeps to.
/// </summary>
internal static unsafe partial class WorkerLimits // SAFETY: the structures are on the stack and read or written within the call.
{
    private const int CpuSeconds = 0;
    private const int DataBytes = 2;
    private const int CoreBytes = 4;

    /// <summary>Writes no core file, and takes no more memory than is given beyond what it has.</summary>
    public static void Begin(long memoryBytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Lower(CoreBytes, 0);
        Lower(DataBytes, (ulong)(DataSize() + memoryBytes));
    }

    /// <summary>Ends the process after so much more processor time.</summary>
    public static void GiveTime(TimeSpan time)
    {
        if (OperatingSystem.IsLinux())
        {
            Lower(CpuSeconds, (ulong)Math.Ceiling((Environment.CpuUsage.TotalTime + time).TotalSeconds));
        }
    }

    private static void Lower(int resource, ulong value)
    {
        Limit limit;
        if (getrlimit(resource, &limit) == 0)
        {
            // The hard limit stays as it is: the next module gets time of its own.
            limit.Soft = Math.Min(value, limit.Hard);
            _ = setrlimit(resource, &limit);
        }
    }

    /// <summary>Memory that the process can write and has to itself, as the system counts it against the limit.</summary>
    private static long DataSize()
    {
        const string Name = "VmData:";
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Name, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(Name.Length).TrimEnd("kB").Trim(), NumberStyles.None, CultureInfo.InvariantCulture) << 10;
    }

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, Limit* limit);

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, Limit* limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
