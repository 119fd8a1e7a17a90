using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Sandbox.Execution;

/// <summary>
/// The threads on which guests run, and no others: a guest computes without ever yielding, so on the shared thread pool a few
/// of them would hold every thread that should be answering HTTP. <see cref="GuestThreadOptions.Threads"/> bounds how many guests
/// run, <see cref="GuestThreadOptions.MaxWaiting"/> how many more only wait in host calls, the bounded queue how many calls wait to begin.
/// </summary>
public sealed class GuestThreads : IDisposable
{
    /// <summary>
    /// How long a thread looks out for more work before it sleeps. Putting a thread to sleep and waking it costs about as much
    /// as a short call of a guest, and under load the next call is rarely farther away than this.
    /// </summary>
    private static readonly long LookOut = Environment.ProcessorCount == 1 ? 0 : Stopwatch.Frequency / 50_000;

    /// <summary>How long a thread beyond <see cref="Count"/>, made while others waited, is kept for the next time.</summary>
    private static readonly TimeSpan SurplusAge = TimeSpan.FromSeconds(10);

    /// <summary>A guest that has run this long gives way to others: most are done by then, and so is whoever waits for them.</summary>
    private static readonly TimeSpan LongRun = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// A guest that has run this long is not brief, and another thread is woken for those that wait behind it. Most guests are done
    /// within microseconds: on as many threads as there are processors they get done sooner than on more, which only change places.
    /// </summary>
    internal static readonly TimeSpan BriefRun = TimeSpan.FromMilliseconds(2);

    /// <summary>How often somebody looks for guests that are not brief, while any runs.</summary>
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(2);

    [ThreadStatic]
    private static GuestRunner? _current;

    private readonly Lock _gate = new();
    private readonly Queue<IThreadPoolWorkItem> _queue = new();

    // The one that fell asleep last is woken first: its stack and its caches are the warmest.
    private readonly List<Worker> _asleep;
    private readonly List<GuestRunner> _runners = [];

    // The places of guests that run on the threads of their callers, those that are free.
    private readonly Stack<BorrowedThread> _places = new();
    private readonly AutoResetEvent _watch = new(initialState: false);
    private bool _isWatchAsleep;
    private readonly int _maxQueued;
    private readonly int _maxWaiting;
    private readonly int _maxBrief = Math.Max(2, Environment.ProcessorCount);
    private readonly int _stackBytes;
    private int _threads;
    private int _queued;
    private int _busy;

    // Of the busy ones, those that have not run long yet.
    private int _brief;

    // Woken, and not up yet.
    private int _waking;
    private int _waiting;
    private bool _isLookedOut;
    private bool _stopping;

    /// <summary>Starts the threads.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: an option is out of range.</exception>
    public GuestThreads(GuestThreadOptions options)
    {
        options.Validate();
        Count = options.Threads;
        _maxQueued = options.MaxQueued;
        _maxWaiting = options.MaxWaiting;
        _stackBytes = options.StackBytes;
        _asleep = new List<Worker>(options.Threads);
        for (var i = 0; i < _maxBrief; i++)
        {
            var place = new BorrowedThread(this);
            _places.Push(place);
            _runners.Add(place);
        }

        _waking = options.Threads;
        for (var i = 0; i < options.Threads; i++)
        {
            NewWorker().Wake();
        }

        new Thread(Watch) { IsBackground = true, Name = "guest watch" }.Start();
    }

    /// <summary>How many guests can run at once.</summary>
    public int Count { get; }

    /// <summary>How many guests run now, those that wait in a host call not counted.</summary>
    public int Busy
    {
        get
        {
            lock (_gate)
            {
                return _busy;
            }
        }
    }

    /// <summary>How many guests wait in a host call now.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting;
            }
        }
    }

    /// <summary>
    /// Says that the guest on this thread is about to wait for something outside of the process's processors: until the returned value is
    /// disposed, another guest may run in its place. Does nothing on other threads, or when too many wait already. A guest whose wait is
    /// over goes on at once, even if there are then more than <see cref="Count"/>; the next one begins only below that.
    /// </summary>
    public static GuestWait Wait() => new(_current is { } runner && runner.BeginWait() ? runner : null);

    /// <summary>Runs <paramref name="work"/> on one of the threads as soon as one is free; it must not throw.</summary>
    /// <returns>False, and nothing happens, if all threads are busy and the queue is full, or after <see cref="Dispose"/>.</returns>
    public bool TryRun(IThreadPoolWorkItem work)
    {
        Worker? wake;
        lock (_gate)
        {
            if (_stopping || _busy + _queued >= Count + _maxQueued)
            {
                return false;
            }

            _queue.Enqueue(work);
            Volatile.Write(ref _queued, _queue.Count);
            wake = NextToWake();
        }

        wake?.Wake();
        return true;
    }

    /// <summary>
    /// Runs <paramref name="work"/> on the calling thread before it returns, which spares a brief guest two changes of threads; it must not throw.
    /// Counts as if it ran on one of the threads, and never goes ahead of what is queued.
    /// </summary>
    /// <param name="work">What its record says will be brief. Should it run long all the same, the thread pool is given another thread for the one that it holds.</param>
    /// <param name="stackBytes">The stack that it needs, besides what the host needs above it.</param>
    /// <returns>False, and nothing happens, if the calling thread has too little stack or is a guest's itself, or as many guests run as are good for each other.</returns>
    public bool TryRunHere(IThreadPoolWorkItem work, int stackBytes)
    {
        if (_current is not null || !ThreadStack.Suffices(stackBytes))
        {
            return false;
        }

        BorrowedThread? place;
        lock (_gate)
        {
            if (_stopping || _queued > 0 || _busy + _waking >= Count || _brief + _waking >= _maxBrief || !_places.TryPop(out place))
            {
                return false;
            }

            place.Take();
            Begin(place);
            WakeWatch();
        }

        _current = place;
        try
        {
            place.Run(work);
        }
        finally
        {
            // Whatever came of it, the thread goes on serving requests.
            _current = null;
            Release(place);
        }

        return true;
    }

    /// <summary>Refuses further work, lets the threads finish what was accepted and end by themselves; does not wait for them.</summary>
    public void Dispose()
    {
        Worker[] asleep;
        lock (_gate)
        {
            _stopping = true;
            asleep = [.. _asleep];
            _asleep.Clear();
            _waking += asleep.Length;
        }

        _watch.Set();

        foreach (var worker in asleep)
        {
            worker.Wake();
        }
    }

    internal void EndWait(GuestRunner runner)
    {
        lock (_gate)
        {
            _waiting--;
            Begin(runner);
        }
    }

    internal bool BeginWait(GuestRunner runner)
    {
        Worker? wake;
        lock (_gate)
        {
            if (_waiting >= _maxWaiting)
            {
                return false;
            }

            _waiting++;
            Cease(runner);
            runner.Waits();
            wake = NextToWake();
        }

        wake?.Wake();
        return true;
    }

    private void Release(BorrowedThread place)
    {
        if (Finished(place))
        {
            place.TakeBackShare();
        }

        Worker? wake;
        lock (_gate)
        {
            place.Return();
            _places.Push(place);
            wake = NextToWake();
        }

        wake?.Wake();
    }

    private void Begin(GuestRunner runner)
    {
        _busy++;
        _brief++;
        runner.RunsSince = Stopwatch.GetTimestamp();
    }

    private void Cease(GuestRunner runner)
    {
        _busy--;
        if (!runner.IsLong)
        {
            _brief--;
        }

        runner.IsLong = false;
        runner.RunsSince = 0;
    }

    private void WakeWatch()
    {
        if (_isWatchAsleep)
        {
            _isWatchAsleep = false;
            _watch.Set();
        }
    }

    /// <summary>
    /// Whom to wake for what is queued: nobody if a thread is looking out for it, as many guests run as may, or those that have just
    /// begun will be through with it sooner. The caller, outside the lock, wakes it.
    /// </summary>
    private Worker? NextToWake()
    {
        if (_queued == 0 || _isLookedOut || _busy + _waking >= Count || _brief + _waking >= _maxBrief)
        {
            return null;
        }

        if (_asleep.Count > 0)
        {
            var worker = _asleep[^1];
            _asleep.RemoveAt(_asleep.Count - 1);
            _waking++;
            return worker;
        }

        // Everybody who is not running waits: one more thread for each of those.
        if (_threads >= Count + _waiting)
        {
            return null;
        }

        _waking++;
        return NewWorker();
    }

    private Worker NewWorker()
    {
        var worker = new Worker(this, _threads++);
        _runners.Add(worker);
        return worker;
    }

    /// <summary>Another thread in the place of one that cannot be made as it was.</summary>
    private void Replace(Worker worker)
    {
        Worker other;
        lock (_gate)
        {
            _runners.Remove(worker);
            _threads--;
            _waking++;
            other = NewWorker();
        }

        other.Wake();
    }

    /// <summary>Looks for guests that have run long, as long as any runs.</summary>
    private void Watch()
    {
        var overdue = new List<(GuestRunner Runner, long RunsSince)>();
        while (true)
        {
            bool isIdle;
            Worker? wake;
            lock (_gate)
            {
                if (_stopping && _busy + _waiting + _queued == 0)
                {
                    return;
                }

                isIdle = _isWatchAsleep = _busy == 0;
                foreach (var runner in _runners)
                {
                    runner.Look();
                    if (runner.RunsSince == 0 || Stopwatch.GetElapsedTime(runner.RunsSince) < BriefRun)
                    {
                        continue;
                    }

                    if (!runner.IsLong)
                    {
                        runner.IsLong = true;
                        _brief--;
                    }

                    if (Stopwatch.GetElapsedTime(runner.RunsSince) > LongRun)
                    {
                        overdue.Add((runner, runner.RunsSince));
                    }
                }

                wake = NextToWake();
            }

            wake?.Wake();
            foreach (var (runner, runsSince) in overdue)
            {
                runner.GiveWay(runsSince);
            }

            overdue.Clear();
            if (isIdle)
            {
                _watch.WaitOne(SurplusAge);
            }
            else
            {
                Thread.Sleep(WatchInterval);
            }
        }
    }

    /// <summary>Whether a thread that has slept long ends.</summary>
    private bool IsSurplus(Worker worker)
    {
        lock (_gate)
        {
            if (_threads <= Count || !_asleep.Remove(worker))
            {
                return false;
            }

            _threads--;
            _runners.Remove(worker);
            return true;
        }
    }

    /// <summary>The next work for a thread that has none, or null once there will be no more.</summary>
    private IThreadPoolWorkItem? Next(Worker worker)
    {
        while (true)
        {
            // One on the look-out is enough; more would take processor time from the guests.
            bool looksOut;
            Worker? wake;
            lock (_gate)
            {
                if (TryTake(worker, out var work, out wake))
                {
                    wake?.Wake();
                    return work;
                }

                if (_stopping)
                {
                    return null;
                }

                looksOut = LookOut > 0 && !_isLookedOut;
                if (looksOut)
                {
                    _isLookedOut = true;
                }
                else
                {
                    _asleep.Add(worker);
                }
            }

            if (looksOut)
            {
                var until = Stopwatch.GetTimestamp() + LookOut;
                while (Volatile.Read(ref _queued) == 0 && Stopwatch.GetTimestamp() < until)
                {
                    Thread.Yield();
                }

                lock (_gate)
                {
                    _isLookedOut = false;
                    if (TryTake(worker, out var work, out wake))
                    {
                        wake?.Wake();
                        return work;
                    }

                    if (_stopping)
                    {
                        return null;
                    }

                    _asleep.Add(worker);
                }
            }

            if (!worker.Sleep(SurplusAge))
            {
                return null;
            }

            Up();
        }
    }

    private bool TryTake(Worker worker, [NotNullWhen(true)] out IThreadPoolWorkItem? work, out Worker? wake)
    {
        wake = null;
        work = null;
        if (_busy >= Count || _brief >= _maxBrief || !_queue.TryDequeue(out work))
        {
            return false;
        }

        Volatile.Write(ref _queued, _queue.Count);
        Begin(worker);
        WakeWatch();

        // Whoever queued the rest may have woken nobody because this thread was on the look-out.
        wake = NextToWake();
        return true;
    }

    /// <summary>Takes the end of a guest.</summary>
    /// <returns>Whether its thread may have less of a share now.</returns>
    private bool Finished(GuestRunner runner)
    {
        lock (_gate)
        {
            var wasLong = runner.IsLong || runner.HasGivenWay;
            Cease(runner);
            return wasLong;
        }
    }

    private void Up()
    {
        lock (_gate)
        {
            _waking--;
        }
    }

    /// <summary>One of the threads, started when it is first woken.</summary>
    private sealed class Worker(GuestThreads threads, int number) : GuestRunner(threads)
    {
        private readonly object _bell = new();
        private bool _started;
        private bool _rung;

        public void Wake()
        {
            lock (_bell)
            {
                if (!_started)
                {
                    _started = true;
                    new Thread(Run, Threads._stackBytes) { IsBackground = true, Name = $"guest {number}" }.Start();
                    return;
                }

                _rung = true;
                Monitor.Pulse(_bell);
            }
        }

        /// <summary>Sleeps until it is woken.</summary>
        /// <returns>False if it is to end instead, having slept for long while there are more threads than it takes.</returns>
        public bool Sleep(TimeSpan surplusAge)
        {
            lock (_bell)
            {
                if (_rung || Monitor.Wait(_bell, surplusAge))
                {
                    _rung = false;
                    return true;
                }
            }

            if (Threads.IsSurplus(this))
            {
                return false;
            }

            lock (_bell)
            {
                while (!_rung)
                {
                    Monitor.Wait(_bell);
                }

                _rung = false;
                return true;
            }
        }

        private void Run()
        {
            _current = this;
            IsOnThisThread();
            Threads.Up();
            while (Threads.Next(this) is { } work)
            {
                work.Execute();
                if (Threads.Finished(this) && !TakeBackShare())
                {
                    Threads.Replace(this);
                    return;
                }
            }
        }
    }
}
