namespace HeliosEdge.Sandbox.Engines.Managed;

/// <summary>Bounds the pooled instances of the process: how many, how much memory they hold, and how long they may be idle.</summary>
internal static class IdleInstances
{
    /// <summary>The most there are; each holds two or three of the mappings that the system counts.</summary>
    public const int MaxCount = 1_024;

    /// <summary>The most memory that they hold together.</summary>
    public const long MaxBytes = 128 << 20;

    private const int PeriodsKept = 3;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private static readonly Lock Gate = new();
    private static readonly List<InstancePool> Watched = [];
    private static Timer? _timer;
    private static int _period;
    private static int _count;
    private static long _bytes;

    /// <summary>The number of the period that runs now.</summary>
    public static int CurrentPeriod => Volatile.Read(ref _period);

    /// <summary>The memory that they hold together, those that are in use at the moment included.</summary>
    public static long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Makes room for one more; false where there is none.</summary>
    public static bool TryReserve(long bytes)
    {
        var count = Interlocked.Increment(ref _count);
        if (Interlocked.Add(ref _bytes, bytes) <= MaxBytes && count <= MaxCount)
        {
            return true;
        }

        Release(bytes);
        return false;
    }

    /// <summary>Gives the room of one back.</summary>
    public static void Release(long bytes)
    {
        Interlocked.Decrement(ref _count);
        Interlocked.Add(ref _bytes, -bytes);
    }

    /// <summary>Trims a pool from now on, until it is empty.</summary>
    public static void Watch(InstancePool pool)
    {
        lock (Gate)
        {
            Watched.Add(pool);
            _timer ??= new Timer(static _ => Trim(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (Watched.Count == 1)
            {
                _timer.Change(Period, Period);
            }
        }
    }

    /// <summary>Gives back all that is idle now, because memory is short.</summary>
    public static void Clear() => Trim(int.MaxValue);

    private static void Trim() => Trim(Interlocked.Increment(ref _period) - PeriodsKept);

    private static void Trim(int before)
    {
        lock (Gate)
        {
            Watched.RemoveAll(pool => pool.Trim(before));
            if (Watched.Count == 0)
            {
                _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
