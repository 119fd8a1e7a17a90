using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace HeliosEdge.Sandbox.Execution;

/// <summary>What the system lets this process have.</summary>
/// <param name="Descriptors">Files and connections that it may have open (<c>RLIMIT_NOFILE</c>).</param>
/// <param name="Mappings">Mappings of memory (<c>vm.max_map_count</c>).</param>
/// <param name="MemoryBytes">Memory: the machine's or, in a container, what the runtime uses of its limit.</param>
public sealed partial record ProcessLimits(long Descriptors, long Mappings, long MemoryBytes)
{
    private const string MaxMapCount = "/proc/sys/vm/max_map_count";
    private const string OwnMappings = "/proc/self/maps";

    /// <summary>Asks the system; what it has no limit for is <see cref="long.MaxValue"/>.</summary>
    public static ProcessLimits Read() => new(ReadDescriptors(), ReadMappings(), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>The mappings of memory that this process has; 0 where the system does not say.</summary>
    internal static int CountMappings() => OperatingSystem.IsLinux() && File.Exists(OwnMappings) ? File.ReadLines(OwnMappings).Count() : 0;

    // The runtime has raised the soft limit to the hard one when it started.
    private static long ReadDescriptors()
    {
        if (OperatingSystem.IsWindows())
        {
            return long.MaxValue;
        }

        return getrlimit(OperatingSystem.IsLinux() ? 7 : 8, out var limit) == 0
            ? (long)Math.Min(limit.Current, long.MaxValue)
            : throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    private static long ReadMappings() =>
        OperatingSystem.IsLinux() && File.Exists(MaxMapCount) ? long.Parse(File.ReadAllText(MaxMapCount), CultureInfo.InvariantCulture) : long.MaxValue;

    // SAFETY: the system writes the two numbers of the structure and nothing else.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int getrlimit(int resource, out ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public ulong Current;
        public ulong Maximum;
    }
}
