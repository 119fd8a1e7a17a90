using System.Diagnostics;

namespace HeliosEdge.Wasm.Runtime;

/// <summary>
/// One thread for the whole process that interrupts stores whose deadline has passed. Setting and clearing a deadline is a
/// list operation under a lock; the thread sleeps until the earliest deadline and, without any, for good.
/// </summary>
internal static class DeadlineClock
{
    private static readonly object Gate = new();
    private static Store? _first;
    private static long _wakeAt = long.MaxValue;
    private static bool _started;

    /// <summary>Gives a store a deadline in place of the one it has, and ends its interruption.</summary>
    public static void Set(Store store, TimeSpan fromNow)
    {
        var due = Stopwatch.GetTimestamp() + (long)Math.Min(fromNow.TotalSeconds * Stopwatch.Frequency, long.MaxValue / 4);
        lock (Gate)
        {
            // Here, where neither the last deadline can pass any more nor the new one yet.
            store.EndInterruption();
            if (store.DueAt == 0)
            {
                store.NextDue = _first;
                store.PreviousDue = null;
                if (_first is not null)
                {
                    _first.PreviousDue = store;
                }

                _first = store;
            }

            store.DueAt = due;
            if (!_started)
            {
                _started = true;
                new Thread(Run) { IsBackground = true, Name = "helios-deadlines", Priority = ThreadPriority.AboveNormal }.Start();
            }
            else if (due < _wakeAt)
            {
                Monitor.Pulse(Gate);
            }
        }
    }

    public static void Clear(Store store)
    {
        lock (Gate)
        {
            Unlink(store);
        }
    }

    private static void Unlink(Store store)
    {
        if (store.DueAt == 0)
        {
            return;
        }

        store.DueAt = 0;
        if (store.PreviousDue is { } previous)
        {
            previous.NextDue = store.NextDue;
        }
        else
        {
            _first = store.NextDue;
        }

        if (store.NextDue is { } next)
        {
            next.PreviousDue = store.PreviousDue;
        }

        store.NextDue = store.PreviousDue = null;
    }

    private static void Run()
    {
        lock (Gate)
        {
            while (true)
            {
                var now = Stopwatch.GetTimestamp();
                var earliest = long.MaxValue;
                for (var store = _first; store is not null;)
                {
                    var next = store.NextDue;
                    if (store.DueAt <= now)
                    {
                        Unlink(store);
                        store.Interrupt();
                    }
                    else
                    {
                        earliest = Math.Min(earliest, store.DueAt);
                    }

                    store = next;
                }

                _wakeAt = earliest;
                if (earliest == long.MaxValue)
                {
                    Monitor.Wait(Gate);
                }
                else
                {
                    var milliseconds = Math.Ceiling((earliest - now) * 1000.0 / Stopwatch.Frequency);
                    Monitor.Wait(Gate, (int)Math.Clamp(milliseconds, 1, int.MaxValue));
                }
            }
        }
    }
}
