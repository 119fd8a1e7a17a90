namespace HeliosEdge.Sandbox.Execution;

/// <summary>What a guest runs on: a thread of <see cref="GuestThreads"/>, or for once that of its caller.</summary>
internal abstract class GuestRunner(GuestThreads threads)
{
    /// <summary>What is added to the nice value of a guest that runs long: about a tenth of the share of others.</summary>
    private const int NiceStep = 10;

    private readonly Lock _share = new();
    private long _runsSince;
    private int _thread;
    private int _nice;
    private bool _hasGivenWay;

    /// <summary>When its guest began or last came back from a wait; 0 while none runs.</summary>
    public long RunsSince
    {
        get => Volatile.Read(ref _runsSince);
        set => Volatile.Write(ref _runsSince, value);
    }

    /// <summary>Whether its guest was seen to run long. Guarded by the lock of all threads.</summary>
    public bool IsLong { get; set; }

    /// <summary>Whether its guest leaves the processors to others first.</summary>
    public bool HasGivenWay
    {
        get
        {
            lock (_share)
            {
                return _hasGivenWay;
            }
        }
    }

    /// <summary>Its guest is about to wait in a host call.</summary>
    /// <returns>False if too many wait already.</returns>
    public bool BeginWait() => threads.BeginWait(this);

    /// <summary>Its guest goes on.</summary>
    public void EndWait() => threads.EndWait(this);

    /// <summary>Called when its guest begins to wait, under the lock of all threads.</summary>
    public virtual void Waits()
    {
    }

    /// <summary>Called each time that somebody looks for guests that run long, under the lock of all threads.</summary>
    public virtual void Look()
    {
    }

    /// <summary>Leaves the processors to others first, if it still is at the run that was seen to be long.</summary>
    public void GiveWay(long runsSince)
    {
        lock (_share)
        {
            if (!_hasGivenWay && RunsSince == runsSince && MayGiveWay)
            {
                _hasGivenWay = ThreadNice.TrySet(_thread, _nice + NiceStep);
            }
        }
    }

    /// <summary>Takes the share back that was given away.</summary>
    /// <returns>False if the system does not allow that.</returns>
    public bool TakeBackShare()
    {
        lock (_share)
        {
            _hasGivenWay = _hasGivenWay && !ThreadNice.TrySet(_thread, _nice);
            return !_hasGivenWay;
        }
    }

    /// <summary>What it belongs to.</summary>
    protected GuestThreads Threads => threads;

    /// <summary>Whether the thread can do without the share that it gives away, should it not get it back.</summary>
    protected virtual bool MayGiveWay => true;

    /// <summary>Says which thread it is from now on.</summary>
    protected void IsOnThisThread()
    {
        lock (_share)
        {
            (_thread, _nice) = (ThreadNice.CurrentThread, ThreadNice.OfCurrent);
        }
    }
}
