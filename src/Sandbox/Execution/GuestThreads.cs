using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace HeliosEdge.Sandbox.Execution;

/// <summary>
/// The threads on which guests run, and no others: a guest computes without ever yielding, so on the shared thread pool a few
/// of them would hold every thread that should be answering HTTP. The number of threads bounds how many guests are alive,
/// the bounded queue before them how many calls wait.
/// </summary>
public sealed class GuestThreads : IDisposable
{
    /// <summary>
    /// How long a thread looks out for more work before it sleeps. Putting a thread to sleep and waking it costs about as much
    /// as a short call of a guest, and under load the next call is rarely farther away than this.
    /// </summary>
    private static readonly long LookOut = Environment.ProcessorCount == 1 ? 0 : Stopwatch.Frequency / 50_000;

    private readonly Lock _gate = new();
    private readonly Queue<IThreadPoolWorkItem> _queue = new();

    // The one that fell asleep last is woken first: its stack and its caches are the warmest.
    private readonly Stack<Worker> _asleep;
    private readonly int _maxQueued;
    private int _queued;
    private int _busy;
    private bool _isLookedOut;
    private bool _stopping;

    /// <summary>Starts the threads.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: an option is out of range.</exception>
    public GuestThreads(GuestThreadOptions options)
    {
        options.Validate();
        Count = options.Threads;
        _maxQueued = options.MaxQueued;
        _asleep = new Stack<Worker>(options.Threads);
        for (var i = 0; i < options.Threads; i++)
        {
            var worker = new Worker(this);
            new Thread(worker.Run, options.StackBytes) { IsBackground = true, Name = $"guest {i}" }.Start();
        }
    }

    /// <summary>How many guests can run at once.</summary>
    public int Count { get; }

    /// <summary>How many guests run now.</summary>
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

    /// <summary>Refuses further work, lets the threads finish what was accepted and end by themselves; does not wait for them.</summary>
    public void Dispose()
    {
        Worker[] asleep;
        lock (_gate)
        {
            _stopping = true;
            asleep = [.. _asleep];
            _asleep.Clear();
        }

        foreach (var worker in asleep)
        {
            worker.Wake();
        }
    }

    /// <summary>Whom to wake for what is queued: nobody if a thread is looking out for it.</summary>
    private Worker? NextToWake() => _queued > 0 && !_isLookedOut && _asleep.TryPop(out var worker) ? worker : null;

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
                if (TryTake(out var work, out wake))
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
                    _asleep.Push(worker);
                }
            }

            if (looksOut)
            {
                var until = Stopwatch.GetTimestamp() + LookOut;
                while (Volatile.Read(ref _queued) == 0 && Stopwatch.GetTimestamp() < until)
                {
                    Thread.SpinWait(8);
                }

                lock (_gate)
                {
                    _isLookedOut = false;
                    if (TryTake(out var work, out wake))
                    {
                        wake?.Wake();
                        return work;
                    }

                    if (_stopping)
                    {
                        return null;
                    }

                    _asleep.Push(worker);
                }
            }

            worker.Sleep();
        }
    }

    private bool TryTake([NotNullWhen(true)] out IThreadPoolWorkItem? work, out Worker? wake)
    {
        wake = null;
        if (!_queue.TryDequeue(out work))
        {
            return false;
        }

        Volatile.Write(ref _queued, _queue.Count);
        _busy++;

        // Whoever queued the rest may have woken nobody because this thread was on the look-out.
        wake = NextToWake();
        return true;
    }

    private void Finished()
    {
        lock (_gate)
        {
            _busy--;
        }
    }

    /// <summary>One of the threads.</summary>
    private sealed class Worker(GuestThreads threads)
    {
        private readonly object _bell = new();
        private bool _rung;

        public void Wake()
        {
            lock (_bell)
            {
                _rung = true;
                Monitor.Pulse(_bell);
            }
        }

        public void Sleep()
        {
            lock (_bell)
            {
                while (!_rung)
                {
                    Monitor.Wait(_bell);
                }

                _rung = false;
            }
        }

        public void Run()
        {
            while (threads.Next(this) is { } work)
            {
                work.Execute();
                threads.Finished();
            }
        }
    }
}
