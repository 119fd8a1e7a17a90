using System.Runtime.InteropServices;

namespace HeliosEdge.Sandbox.Execution;

/// <summary>The nice value of single threads, which Linux has; elsewhere nothing happens. Raising it needs no privilege, lowering it again may.</summary>
internal static partial class ThreadNice
{
    private const int OfProcess = 0;

    /// <summary>The current thread as the system numbers it; 0 where it does not.</summary>
    public static int CurrentThread => OperatingSystem.IsLinux() ? gettid() : 0;

    /// <summary>The nice value of a thread.</summary>
    public static int Of(int thread) => OperatingSystem.IsLinux() ? getpriority(OfProcess, thread) : 0;

    /// <summary>Sets it.</summary>
    /// <returns>False where the system does not allow that.</returns>
    public static bool TrySet(int thread, int nice) => OperatingSystem.IsLinux() && setpriority(OfProcess, thread, nice) == 0;

    [LibraryImport("libc")]
    private static partial int gettid();

    [LibraryImport("libc")]
    private static partial int getpriority(int which, int who);

    [LibraryImport("libc")]
    private static partial int setpriority(int which, int who, int priority);
}
