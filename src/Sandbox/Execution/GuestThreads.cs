namespace HeliosEdge.Sandbox.Execution;

/// <summary>
/// The threads on which guests run, and no others: a guest computes without ever yielding, so on the shared thread pool a few
/// of them would hold every thread that should be answering HTTP. The number of threads bounds how many guests are alive,
/// the bounded queue before them how many calls wait.
/// </summary>
public sealed class GuestThreads : IDisposable
{
    private readonly object _gate = new();
    private readonly Queue<IThreadPoolWorkItem> _queue = new();
    private readonly Thread[] _threads;
    private readonly int _maxQueued;
    private int _busy;
    private bool _stopping;

    /// <summary>Starts the threads.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: an option is out of range.</exception>
    public GuestThreads(GuestThreadOptions options)
    {
        options.Validate();
        _maxQueued = options.MaxQueued;
        _threads = new Thread[options.Threads];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Work, options.StackBytes) { IsBackground = true, Name = $"guest {i}" };
            _threads[i].Start();
        }
    }

    /// <summary>How many guests can run at once.</summary>
    public int Count => _threads.Length;

    /// <summary>Runs <paramref name="work"/> on one of the threads as soon as one is free; it must not throw.</summary>
    /// <returns>False, and nothing happens, if all threads are busy and the queue is full, or after <see cref="Dispose"/>.</returns>
    public bool TryRun(IThreadPoolWorkItem work)
    {
        lock (_gate)
        {
            if (_stopping || _busy + _queue.Count >= _threads.Length + _maxQueued)
            {
                return false;
            }

            _queue.Enqueue(work);
            Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>Refuses further work, lets the threads finish what was accepted and end by themselves; does not wait for them.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Work()
    {
        var wasBusy = false;
        while (true)
        {
            IThreadPoolWorkItem? work;
            lock (_gate)
            {
                _busy -= wasBusy ? 1 : 0;
                while (!_queue.TryDequeue(out work))
                {
                    if (_stopping)
                    {
                        return;
                    }

                    Monitor.Wait(_gate);
                }

                _busy++;
                wasBusy = true;
            }

            work.Execute();
        }
    }
}
