using System.Runtime.InteropServices;

namespace HeliosEdge.Sandbox.Memory;

/// <summary>
/// The blocks that the host has had a guest allocate during one invocation. It believes nothing that the guest's allocator says:
/// blocks that overlap, that were never handed out or that come back twice or with another size are refused. One thread at a time.
/// </summary>
/// <param name="maxAllocation">Bytes of the largest block.</param>
/// <param name="maxTotal">Bytes of all live blocks together.</param>
public sealed class AllocationTracker(long maxAllocation = AllocationTracker.DefaultMaxAllocation, long maxTotal = AllocationTracker.DefaultMaxTotal)
{
    /// <summary>Bytes of the largest block where nothing else is configured.</summary>
    public const long DefaultMaxAllocation = 16 << 20;

    /// <summary>Bytes of all live blocks together where nothing else is configured.</summary>
    public const long DefaultMaxTotal = 64 << 20;

    // Sorted by pointer. Blocks are few, most are made at the end and given back from there: a search and a short move.
    private readonly List<TrackedBlock> _live = [];
    private readonly HashSet<uint> _freed = [];

    /// <summary>Bytes of all live blocks.</summary>
    public long LiveBytes { get; private set; }

    /// <summary>The most that <see cref="LiveBytes"/> ever was.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>How many blocks were ever registered.</summary>
    public long Count { get; private set; }

    /// <summary>The live blocks, sorted by pointer: at the end of an invocation, what the guest leaked.</summary>
    public ReadOnlySpan<TrackedBlock> Live => CollectionsMarshal.AsSpan(_live);

    /// <summary>Checks, before the guest is asked for it, that a block of this size may be made.</summary>
    /// <exception cref="AllocationException"><see cref="ErrorCodes.AllocationTooLarge"/>, <see cref="ErrorCodes.AllocationTotalExceeded"/>.</exception>
    public void Admit(uint size)
    {
        if (size > maxAllocation)
        {
            throw new AllocationException(ErrorCodes.AllocationTooLarge, $"A block of {size} bytes is too large; the limit is {maxAllocation} bytes.")
            {
                Limit = maxAllocation,
                Value = size,
            };
        }

        if (LiveBytes + size > maxTotal)
        {
            throw new AllocationException(
                ErrorCodes.AllocationTotalExceeded,
                $"A block of {size} bytes would make {LiveBytes + size} bytes in all; the limit is {maxTotal} bytes.")
            {
                Limit = maxTotal,
                Value = LiveBytes + size,
            };
        }
    }

    /// <summary>Takes note of a block that was made. A block of 0 bytes is nothing that has to be given back.</summary>
    /// <exception cref="AllocationException">As <see cref="Admit"/>; <see cref="ErrorCodes.OverlappingAllocation"/>.</exception>
    public void Register(uint pointer, uint size)
    {
        Admit(size);
        if (size == 0)
        {
            return;
        }

        var at = IndexOf(pointer);
        if (at > 0 && _live[at - 1] is var before && (long)before.Pointer + before.Size > pointer)
        {
            throw Overlap(pointer, size, before);
        }

        if (at < _live.Count && (long)pointer + size > _live[at].Pointer)
        {
            throw Overlap(pointer, size, _live[at]);
        }

        _live.Insert(at, new TrackedBlock(pointer, size));
        _freed.Remove(pointer);
        Count++;
        LiveBytes += size;
        PeakBytes = Math.Max(PeakBytes, LiveBytes);
    }

    /// <summary>Checks that a block may be given back, without taking note of it.</summary>
    /// <exception cref="AllocationException">
    /// <see cref="ErrorCodes.UnknownAllocation"/>, <see cref="ErrorCodes.DoubleFree"/> or <see cref="ErrorCodes.AllocationSizeMismatch"/>.
    /// </exception>
    public void CheckRelease(uint pointer, uint size) => Find(pointer, size);

    /// <summary>Takes note of a block that is given back.</summary>
    /// <exception cref="AllocationException">As <see cref="CheckRelease"/>.</exception>
    public void Release(uint pointer, uint size)
    {
        var at = Find(pointer, size);
        if (at >= 0)
        {
            _live.RemoveAt(at);
            _freed.Add(pointer);
            LiveBytes -= size;
        }
    }

    private int Find(uint pointer, uint size)
    {
        var at = IndexOf(pointer);
        if (at < _live.Count && _live[at].Pointer == pointer)
        {
            return _live[at].Size == size
                ? at
                : throw new AllocationException(
                    ErrorCodes.AllocationSizeMismatch, $"The block at {pointer} has {_live[at].Size} bytes; it was given back as one of {size} bytes.")
                {
                    Limit = _live[at].Size,
                    Value = size,
                };
        }

        if (size == 0)
        {
            return -1;
        }

        throw _freed.Contains(pointer)
            ? new AllocationException(ErrorCodes.DoubleFree, $"The block at {pointer} was given back twice.")
            : new AllocationException(ErrorCodes.UnknownAllocation, $"No block was allocated at {pointer}.");
    }

    private static AllocationException Overlap(uint pointer, uint size, TrackedBlock other) => new(
        ErrorCodes.OverlappingAllocation,
        $"The block of {size} bytes at {pointer} overlaps the live block of {other.Size} bytes at {other.Pointer}.");

    /// <summary>The first live block that does not start before <paramref name="pointer"/>.</summary>
    private int IndexOf(uint pointer)
    {
        var low = 0;
        var high = _live.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_live[middle].Pointer < pointer)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
