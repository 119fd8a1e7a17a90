namespace HeliosEdge.Sandbox.Engines.Managed;

/// <summary>
/// The idle instances of one module. Each was reset before it came here; what failed never comes back. How many there are in the
/// process and for how long is for <see cref="IdleInstances"/> to say.
/// </summary>
internal sealed class InstancePool : IDisposable
{
    private const int MaxKinds = 16;

    private readonly Lock _gate = new();
    private readonly List<(InstanceKind Kind, List<WarmInstance> Idle)> _shelves = [];
    private bool _isWatched;
    private bool _isDisposed;

    /// <summary>How many instances are in it.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _shelves.Sum(shelf => shelf.Idle.Count);
            }
        }
    }

    /// <summary>Takes the instance of a kind that was used last; null where there is none.</summary>
    public WarmInstance? TryTake(in InstanceKind kind)
    {
        lock (_gate)
        {
            if (Find(kind) is not { Count: > 0 } idle)
            {
                return null;
            }

            var taken = idle[^1];
            idle.RemoveAt(idle.Count - 1);
            return taken;
        }
    }

    /// <summary>Resets an instance that served an invocation to its end, and keeps it; disposes it where that cannot be.</summary>
    public void Return(WarmInstance instance)
    {
        var isKept = false;
        var isFirst = false;
        try
        {
            instance.IsAdmitted = instance.IsAdmitted || IdleInstances.TryReserve(instance.Bytes);
            if (instance.IsAdmitted && instance.Instance.TryReset())
            {
                instance.IdleSince = IdleInstances.CurrentPeriod;
                lock (_gate)
                {
                    isKept = TryKeep(instance);
                    isFirst = isKept && !_isWatched;
                    _isWatched |= isKept;
                }
            }
        }
        finally
        {
            if (!isKept)
            {
                instance.Dispose();
            }
        }

        if (isFirst)
        {
            IdleInstances.Watch(this);
        }
    }

    /// <summary>Disposes what was last used before a period of <see cref="IdleInstances"/>.</summary>
    /// <returns>Whether nothing is left; the pool then asks to be watched again when there is.</returns>
    public bool Trim(int before)
    {
        var old = new List<WarmInstance>();
        bool isEmpty;
        lock (_gate)
        {
            foreach (var (_, idle) in _shelves)
            {
                // The last one given back is at the end.
                var count = idle.FindIndex(instance => instance.IdleSince >= before) is var first and >= 0 ? first : idle.Count;
                old.AddRange(idle.Take(count));
                idle.RemoveRange(0, count);
            }

            _shelves.RemoveAll(shelf => shelf.Idle.Count == 0);
            isEmpty = _shelves.Count == 0;
            _isWatched = !isEmpty;
        }

        foreach (var instance in old)
        {
            instance.Dispose();
        }

        return isEmpty;
    }

    /// <summary>Disposes all that is idle, and what is given back from now on.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        Trim(int.MaxValue);
    }

    private bool TryKeep(WarmInstance instance)
    {
        if (_isDisposed)
        {
            return false;
        }

        if (Find(instance.Kind) is { } idle)
        {
            idle.Add(instance);
            return true;
        }

        if (_shelves.Count == MaxKinds)
        {
            return false;
        }

        _shelves.Add((instance.Kind, [instance]));
        return true;
    }

    private List<WarmInstance>? Find(in InstanceKind kind)
    {
        foreach (var (known, idle) in _shelves)
        {
            if (known.Equals(kind))
            {
                return idle;
            }
        }

        return null;
    }
}
