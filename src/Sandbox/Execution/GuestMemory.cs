using HeliosEdge.Sandbox.Engines.Managed;

namespace HeliosEdge.Sandbox.Execution;

/// <summary>
/// Bounds the memory of all guests together. A guest starts once the most that it may come to have is reserved for it, and until then waits
/// in a bounded queue. Instances that are kept for later calls count as well, and go first.
/// </summary>
public sealed class GuestMemory
{
    /// <summary>How many guests may wait for memory; one more is refused.</summary>
    public const int MaxWaiting = 1_024;

    /// <summary>Others may pass by a guest that needs more than there is, but not for longer than this.</summary>
    private static readonly TimeSpan PassedBy = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();

    // The one that has waited longest comes first.
    private readonly LinkedList<(IMemoryClaim Claim, long Since)> _waiting = [];
    private readonly Timer _looks;
    private long _used;

    /// <summary>Makes it.</summary>
    /// <param name="maxBytes">What all guests may have together.</param>
    /// <param name="clock">Tells how long one has waited; null for the system's.</param>
    public GuestMemory(long maxBytes, TimeProvider? clock = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBytes);
        MaxBytes = maxBytes;
        _clock = clock ?? TimeProvider.System;
        _looks = new Timer(static memory => ((GuestMemory)memory!).EndLate(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Two thirds of what the process may have: of the machine's memory, or of what is left of a container's once the runtime has kept a quarter for itself.</summary>
    public static long DefaultMaxBytes { get; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 3 * 2;

    /// <summary>What all guests may have together, in bytes.</summary>
    public long MaxBytes { get; }

    /// <summary>What is reserved for those that run, in bytes.</summary>
    public long Used
    {
        get
        {
            lock (_gate)
            {
                return _used;
            }
        }
    }

    /// <summary>How many wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Has <see cref="IMemoryClaim.Begin"/> called, now or once there is memory.</summary>
    /// <returns>False, and nothing is called, if too many wait already.</returns>
    /// <exception cref="ArgumentException">It needs more than there ever is.</exception>
    public bool TryEnter(IMemoryClaim claim)
    {
        if (claim.MemoryBytes > MaxBytes)
        {
            throw new ArgumentException($"{claim.MemoryBytes} bytes are more than the {MaxBytes} that all guests have together.", nameof(claim));
        }

        lock (_gate)
        {
            if (IsHeadPassedBy() || !TryTake(claim.MemoryBytes))
            {
                if (_waiting.Count == MaxWaiting)
                {
                    return false;
                }

                _waiting.AddLast((claim, _clock.GetTimestamp()));
                if (_waiting.Count == 1)
                {
                    _looks.Change(Look, Look);
                }

                return true;
            }
        }

        claim.Begin();
        return true;
    }

    /// <summary>Takes memory for a guest that cannot wait for it.</summary>
    /// <returns>False, and nothing is taken, if there is not enough now.</returns>
    public bool TryEnterNow(long bytes)
    {
        lock (_gate)
        {
            return TryTake(bytes);
        }
    }

    /// <summary>Gives memory back, and starts those that there is enough for now.</summary>
    public void Leave(long bytes)
    {
        lock (_gate)
        {
            _used -= bytes;
            if (_waiting.Count == 0)
            {
                return;
            }
        }

        StartWaiting();
    }

    private void StartWaiting()
    {
        while (true)
        {
            LinkedListNode<(IMemoryClaim Claim, long Since)>? next;
            lock (_gate)
            {
                for (next = _waiting.First; next is not null && !TryTake(next.Value.Claim.MemoryBytes); next = next.Next)
                {
                    if (IsHeadPassedBy())
                    {
                        return;
                    }
                }

                if (next is null)
                {
                    return;
                }

                Remove(next);
            }

            // Outside the lock: what waits for a call that cannot start continues right here.
            next.Value.Claim.Begin();
        }
    }

    /// <summary>Called by the timer while any waits.</summary>
    private void EndLate()
    {
        var late = new List<IMemoryClaim>();
        long used;
        lock (_gate)
        {
            used = _used;
            for (var next = _waiting.First; next is not null;)
            {
                var following = next.Next;
                if (next.Value.Claim.Patience <= TimeSpan.Zero)
                {
                    late.Add(next.Value.Claim);
                    Remove(next);
                }

                next = following;
            }
        }

        foreach (var claim in late)
        {
            claim.GiveUp(used);
        }

        StartWaiting();
    }

    private bool IsHeadPassedBy() => _waiting.First is { } head && _clock.GetElapsedTime(head.Value.Since) > PassedBy;

    private bool TryTake(long bytes)
    {
        if (_used + bytes > MaxBytes)
        {
            return false;
        }

        _used += bytes;
        if (_used + IdleInstances.Bytes > MaxBytes)
        {
            IdleInstances.Clear();
        }

        return true;
    }

    private void Remove(LinkedListNode<(IMemoryClaim Claim, long Since)> place)
    {
        _waiting.Remove(place);
        if (_waiting.Count == 0)
        {
            _looks.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
