namespace HeliosEdge.Grains.Functions;

/// <summary>
/// Lets only so many invocations of one function have an instance at the same time; the next ones wait in a bounded queue. Used by many threads.
/// </summary>
internal sealed class InstanceGate
{
    /// <summary>Calls of one function that may wait for an instance.</summary>
    public const int MaxWaiting = 1_000;

    private readonly Lock _lock = new();
    private readonly Queue<IGatedCall> _waiting = new();
    private int _live;
    private int _maxInstances;

    /// <summary>Takes a call in: it starts now, or once enough of those before it have left.</summary>
    /// <param name="call">The call.</param>
    /// <param name="maxInstances">How many may be in from now on. A change of the registration may change it while calls wait.</param>
    /// <returns>False, and nothing happens, if too many wait already.</returns>
    public bool TryEnter(IGatedCall call, int maxInstances)
    {
        lock (_lock)
        {
            _maxInstances = maxInstances;
            if (_live >= maxInstances && _waiting.Count >= MaxWaiting)
            {
                return false;
            }

            _waiting.Enqueue(call);
        }

        StartWaiting();
        return true;
    }

    /// <summary>Takes a call in that cannot wait.</summary>
    /// <returns>False, and nothing happens, if as many are in as may.</returns>
    public bool TryEnterNow(int maxInstances)
    {
        lock (_lock)
        {
            if (_live >= maxInstances)
            {
                return false;
            }

            _live++;
            return true;
        }
    }

    /// <summary>Ends one call's stay and starts the one that has waited longest.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _live--;
        }

        StartWaiting();
    }

    private void StartWaiting()
    {
        while (true)
        {
            IGatedCall? next;
            lock (_lock)
            {
                if (_live >= _maxInstances || !_waiting.TryDequeue(out next))
                {
                    return;
                }

                _live++;
            }

            // Outside the lock: what waits for a call that cannot start continues right here.
            if (!next.TryStart())
            {
                lock (_lock)
                {
                    _live--;
                }
            }
        }
    }
}
