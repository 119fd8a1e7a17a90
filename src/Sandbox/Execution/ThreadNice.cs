using System.Runtime.InteropServices;

namespace HeliosEdge.Sandbox.Execution;

/// <summary>The nice value of single threads, which Linux has; elsewhere nothing happens. Raising it needs no privilege, lowering it again may.</summary>
internal static partial class ThreadNice
{
    private const int OfThread = 0;

    private static readonly Lazy<bool> TakenBack = new(TryToTakeBack);

    [ThreadStatic]
    private static (int Number, int Nice)? _current;

    /// <summary>The current thread as the system numbers it; 0 where it does not.</summary>
    public static int CurrentThread => Current.Number;

    /// <summary>The nice value that the current thread had when it was first asked for.</summary>
    public static int OfCurrent => Current.Nice;

    /// <summary>The nice value of a thread now.</summary>
    public static int Of(int thread) => OperatingSystem.IsLinux() ? getpriority(OfThread, thread) : 0;

    /// <summary>Whether a nice value that was raised may be lowered again.</summary>
    public static bool CanBeTakenBack => TakenBack.Value;

    private static (int Number, int Nice) Current => _current ??= Find();

    /// <summary>Sets it.</summary>
    /// <returns>False where the system does not allow that.</returns>
    public static bool TrySet(int thread, int nice) => OperatingSystem.IsLinux() && setpriority(OfThread, thread, nice) == 0;

    private static (int Number, int Nice) Find()
    {
        if (!OperatingSystem.IsLinux())
        {
            return default;
        }

        var number = gettid();
        return (number, Of(number));
    }

    private static bool TryToTakeBack()
    {
        var may = false;

        // A thread that is gone afterwards, for it may keep what is tried on it.
        var trial = new Thread(() => may = TrySet(CurrentThread, OfCurrent + 1) && TrySet(CurrentThread, OfCurrent)) { IsBackground = true };
        trial.Start();
        trial.Join();
        return may;
    }

    [LibraryImport("libc")]
    private static partial int gettid();

    [LibraryImport("libc")]
    private static partial int getpriority(int which, int who);

    [LibraryImport("libc")]
    private static partial int setpriority(int which, int who, int priority);
}
