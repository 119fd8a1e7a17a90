namespace HeliosEdge.Sandbox.Engines.Compilation;

/// <summary>Modules that wait. Next is the oldest one of the caller who has taken the least processor time of late. Of the pool's lock.</summary>
internal sealed class CompileQueue
{
    // In the order in which their first module came: of two callers who have taken the same, the one who waits longer is first.
    private readonly List<(CompileAccount Account, Queue<CompileJob> Jobs)> _callers = [];

    public int Count { get; private set; }

    public void Add(CompileJob job)
    {
        Count++;
        var at = _callers.FindIndex(caller => caller.Account == job.Account);
        if (at >= 0)
        {
            _callers[at].Jobs.Enqueue(job);
        }
        else
        {
            _callers.Add((job.Account, new Queue<CompileJob>([job])));
        }
    }

    /// <summary>Takes the next one; null where none waits.</summary>
    public CompileJob? TryTake()
    {
        if (_callers.Count == 0)
        {
            return null;
        }

        var next = _callers.MinBy(caller => caller.Account.Used);
        var job = next.Jobs.Dequeue();
        if (next.Jobs.Count == 0)
        {
            _callers.Remove(next);
        }

        Count--;
        return job;
    }
}
