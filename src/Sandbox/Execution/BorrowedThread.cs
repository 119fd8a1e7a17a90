using System.Diagnostics;

namespace HeliosEdge.Sandbox.Execution;

/// <summary>
/// A place for a guest on the thread of its caller. While a guest holds such a thread for long, the thread pool has one more, so that those who
/// wait for it do not wait for the guest.
/// </summary>
internal sealed class BorrowedThread(GuestThreads threads) : GuestRunner(threads)
{
    private static readonly Lock PoolSize = new();

    private long _heldSince;
    private bool _isMadeUpFor;

    /// <summary>Whether the process may take a nice value back: a thread that serves callers must not stay behind all others.</summary>
    protected override bool MayGiveWay => ThreadNice.CanBeTakenBack;

    /// <summary>Gives the place to a guest; called under the lock of all threads.</summary>
    public void Take() => _heldSince = Stopwatch.GetTimestamp();

    /// <summary>Runs the guest here.</summary>
    public void Run(IThreadPoolWorkItem work)
    {
        IsOnThisThread();
        work.Execute();
    }

    /// <summary>Gives the thread back; called under the lock of all threads, as <see cref="Look"/> is.</summary>
    public void Return()
    {
        _heldSince = 0;
        if (_isMadeUpFor)
        {
            _isMadeUpFor = false;
            GrowPool(-1);
        }
    }

    /// <inheritdoc/>
    /// <remarks>How long that will be nobody knows, and what it waits for may need the thread pool itself.</remarks>
    public override void Waits() => MakeUp();

    /// <inheritdoc/>
    public override void Look()
    {
        if (_heldSince != 0 && Stopwatch.GetElapsedTime(_heldSince) >= GuestThreads.BriefRun)
        {
            MakeUp();
        }
    }

    private void MakeUp()
    {
        if (!_isMadeUpFor)
        {
            _isMadeUpFor = true;
            GrowPool(1);
        }
    }

    private static void GrowPool(int by)
    {
        lock (PoolSize)
        {
            ThreadPool.GetMinThreads(out var workers, out var ports);
            ThreadPool.SetMinThreads(workers + by, ports);
        }
    }
}
