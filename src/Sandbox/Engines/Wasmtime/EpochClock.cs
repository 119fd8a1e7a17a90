using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>
/// Moves the epoch of engines on with the time, one step a millisecond, while there are instances that have a deadline, and for a
/// moment longer: waking its thread costs more than a short guest. Then its thread sleeps.
/// </summary>
// SAFETY: the engines live as long as this clock, which holds their handles; the call is one atomic addition.
internal sealed unsafe class EpochClock(WasmtimeApi api)
{
    private const int StepsBeforeSleep = 100;

    private readonly Lock _gate = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private EngineHandle[] _engines = [];
    private int _instances;
    private long _origin;
    private long _steps;
    private bool _wasEntered;
    private volatile bool _isAsleep = true;
    private bool _started;

    /// <summary>Ends the thread of a clock that nobody has any more.</summary>
    ~EpochClock() => _wake.Set();

    /// <summary>Has the epoch of more engines move on from now on.</summary>
    public void Add(EngineHandle[] engines)
    {
        lock (_gate)
        {
            _engines = [.. _engines, .. engines];
        }
    }

    /// <summary>One more instance; the clock runs until <see cref="Leave"/>.</summary>
    public void Enter()
    {
        Interlocked.Increment(ref _instances);
        if (!Volatile.Read(ref _wasEntered))
        {
            Volatile.Write(ref _wasEntered, true);
        }

        // The clock says that it sleeps before it looks whether there are instances: one of both sees the other.
        if (_isAsleep)
        {
            Wake();
        }
    }

    /// <summary>How many steps from the current epoch on a deadline is; never earlier than asked for.</summary>
    /// <param name="now">The time, by <see cref="Stopwatch"/>.</param>
    /// <param name="deadline">Time from then. There is an instance, so that the clock runs.</param>
    public ulong StepsTo(long now, TimeSpan deadline)
    {
        // The steps that are due but not made yet do not count against this instance; the one that is under way neither.
        var wanted = (ulong)Math.Max(0, Math.Ceiling(deadline.TotalMilliseconds));
        return wanted + (ulong)Math.Max(0, DueAt(now) - Volatile.Read(ref _steps)) + 1;
    }

    /// <summary>An instance is gone.</summary>
    public void Leave() => Interlocked.Decrement(ref _instances);

    private static long ToTicks(long steps) => steps * (Stopwatch.Frequency / 1_000);

    private long DueAt(long now) => (now - Volatile.Read(ref _origin)) / (Stopwatch.Frequency / 1_000);

    private void Wake()
    {
        lock (_gate)
        {
            if (!_isAsleep)
            {
                return;
            }

            // Nobody minds the epoch's past: steps that were not made while the clock stood need not be made up for. Whoever sees the
            // clock awake sees this origin.
            Volatile.Write(ref _origin, Stopwatch.GetTimestamp() - ToTicks(_steps));
            _isAsleep = false;
            if (!_started)
            {
                _started = true;
                var (clock, wake) = (new WeakReference<EpochClock>(this), _wake);
                new Thread(() => Run(clock, wake)) { IsBackground = true, Name = "wasmtime epochs", Priority = ThreadPriority.AboveNormal }.Start();
            }

            _wake.Set();
        }
    }

    // A thread that sleeps holds nothing but what wakes it: the engines, with pools of thousands of mappings of memory, go with those who use them.
    private static void Run(WeakReference<EpochClock> clock, AutoResetEvent wake)
    {
        while (MovesOn(clock))
        {
            wake.WaitOne();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool MovesOn(WeakReference<EpochClock> clock)
    {
        if (!clock.TryGetTarget(out var target))
        {
            return false;
        }

        target.MoveOn();
        return true;
    }

    private void MoveOn()
    {
        for (var unused = 0; unused <= StepsBeforeSleep || !FallsAsleep();)
        {
            lock (_gate)
            {
                var due = DueAt(Stopwatch.GetTimestamp());
                for (var step = _steps; step < due; step++)
                {
                    foreach (var engine in _engines)
                    {
                        api.EngineIncrementEpoch(engine.Native);
                    }

                    Volatile.Write(ref _steps, step + 1);
                }
            }

            unused = Volatile.Read(ref _wasEntered) || Volatile.Read(ref _instances) > 0 ? 0 : unused + 1;
            Volatile.Write(ref _wasEntered, false);
            if (unused <= StepsBeforeSleep)
            {
                Thread.Sleep(1);
            }
        }
    }

    private bool FallsAsleep()
    {
        lock (_gate)
        {
            _isAsleep = true;
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _instances) > 0)
            {
                _isAsleep = false;
            }

            return _isAsleep;
        }
    }
}
