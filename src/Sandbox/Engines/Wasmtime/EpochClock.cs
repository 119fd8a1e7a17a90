using System.Diagnostics;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>
/// Moves the epoch of engines on with the time, one step a millisecond, while there are instances that have a deadline;
/// without any, its thread sleeps.
/// </summary>
// SAFETY: the engines live as long as this clock, which holds their handles; the call is one atomic addition.
internal sealed unsafe class EpochClock(WasmtimeApi api)
{
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private EngineHandle[] _engines = [];
    private int _instances;
    private long _origin;
    private long _steps;
    private bool _started;

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
        lock (_gate)
        {
            if (_instances++ == 0)
            {
                // Nobody minds the epoch's past: steps that were not made while the clock stood need not be made up for.
                _origin = Stopwatch.GetTimestamp() - ToTicks(_steps);
                if (!_started)
                {
                    _started = true;
                    new Thread(Run) { IsBackground = true, Name = "wasmtime epochs", Priority = ThreadPriority.AboveNormal }.Start();
                }

                _wake.Set();
            }
        }
    }

    /// <summary>How many steps from the current epoch on a deadline is; never earlier than asked for.</summary>
    /// <param name="deadline">Time from now.</param>
    public ulong StepsTo(TimeSpan deadline)
    {
        var wanted = (ulong)Math.Max(0, Math.Ceiling(deadline.TotalMilliseconds));
        lock (_gate)
        {
            // The steps that are due but not made yet do not count against this instance; the one that is under way neither.
            return wanted + (ulong)Math.Max(0, Due() - _steps) + 1;
        }
    }

    /// <summary>An instance is gone.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            _instances--;
        }
    }

    private static long ToTicks(long steps) => steps * (Stopwatch.Frequency / 1_000);

    private long Due() => (Stopwatch.GetTimestamp() - _origin) / (Stopwatch.Frequency / 1_000);

    private void Run()
    {
        while (true)
        {
            bool idle;
            lock (_gate)
            {
                idle = _instances == 0;
                for (var due = Due(); !idle && _steps < due; _steps++)
                {
                    foreach (var engine in _engines)
                    {
                        api.EngineIncrementEpoch(engine.Native);
                    }
                }
            }

            if (idle)
            {
                _wake.WaitOne();
            }
            else
            {
                Thread.Sleep(1);
            }
        }
    }
}
