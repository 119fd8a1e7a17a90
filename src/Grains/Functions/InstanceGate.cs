namespace HeliosEdge.Grains.Functions;

/// <summary>
/// Lets only so many invocations of one function have an instance at the same time; the next ones wait in a bounded queue. Used by many threads.
/// </summary>
internal sealed class InstanceGate
{
    /// <summary>Calls of one function that may wait for an instance.</summary>
    public const int MaxWaiting = 1_000;

    private readonly Lock _lock = new();
    private readonly Queue<GuestCall> _waiting = new();
    private int _live;

    /// <summary>Takes a call in: it starts now, or once enough of those before it have left.</summary>
    /// <returns>False, and nothing happens, if too many wait already.</returns>
    public bool TryEnter(GuestCall call, int maxInstances)
    {
        lock (_lock)
        {
            if (_live >= maxInstances)
            {
                if (_waiting.Count >= MaxWaiting)
                {
                    return false;
                }

                _waiting.Enqueue(call);
                return true;
            }

            _live++;
        }

        Start(call);
        return true;
    }

    /// <summary>Ends one call's stay and starts the one that has waited longest.</summary>
    public void Leave()
    {
        GuestCall? next;
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out next))
            {
                _live--;
                return;
            }
        }

        Start(next);
    }

    private void Start(GuestCall? call)
    {
        while (call is not null && !call.TryStart())
        {
            lock (_lock)
            {
                if (!_waiting.TryDequeue(out call))
                {
                    _live--;
                }
            }
        }
    }
}
