using HeliosEdge.Wasm.Binary;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm;

/// <summary>
/// A linear memory (core spec 4.2.8): pages of 64 KiB in address space that is reserved once, so that growing never moves it.
/// Around it the reservation holds a page of its own on either side, so that code which goes astray by a few bytes meets nothing of
/// another's, and a guard behind.
/// </summary>
public sealed unsafe class LinearMemory : Extern // SAFETY: Base points a system page into a reservation that has at least Length bytes, a system page and Guard behind it and lives as long as the store.
{
    /// <summary>Bytes in a page.</summary>
    public const int PageBytes = 65_536;

    /// <summary>What a memory that was reset still has memory behind it for, at most.</summary>
    internal const long MaxResidentBytes = ReservationPool.MaxMemoryBytes;

    private const uint MaxPages = 65_536;
    private const int Guard = 65_536;

    /// <summary>How far before the first byte its size stands; what is between is zero.</summary>
    internal const int SizeDistance = 64;
    private const int ZeroedAtOnce = 4_096;

    private readonly nuint _reserved;
    private readonly nuint _initial;
    private bool _hasGrown;

    /// <summary>Makes a memory of zeroed pages.</summary>
    /// <param name="store">Who owns it.</param>
    /// <param name="minimumPages">How many pages it starts with, at most 65,536.</param>
    /// <param name="maximumPages">How many pages it may ever have, at most 65,536; null sets no maximum of its own.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is over 65,536 pages, or the minimum over the maximum.</exception>
    /// <exception cref="ResourceLimitException">The minimum is over the store's <see cref="StoreLimits.MaxMemoryBytes"/>.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory or address space left.</exception>
    public LinearMemory(Store store, uint minimumPages, uint? maximumPages)
        : base(store)
    {
        store.ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minimumPages, MaxPages);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maximumPages ?? minimumPages, MaxPages, nameof(maximumPages));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minimumPages, maximumPages ?? minimumPages);
        MaximumPages = maximumPages;
        var initial = (long)minimumPages * PageBytes;
        if (initial > store.Limits.MaxMemoryBytes)
        {
            throw new ResourceLimitException(nameof(StoreLimits.MaxMemoryBytes), initial, store.Limits.MaxMemoryBytes);
        }

        var most = Math.Min((long)(maximumPages ?? MaxPages) * PageBytes, store.Limits.MaxMemoryBytes / PageBytes * PageBytes);
        _reserved = (nuint)most;
        _initial = (nuint)initial;
        var region = initial <= ReservationPool.MaxMemoryBytes ? ReservationPool.TryRent(RegionBytes, CommittedAtFirst) : null;
        if (region == null)
        {
            region = AddressSpace.Reserve(RegionBytes);
            if (!AddressSpace.TryCommit(region, CommittedAtFirst))
            {
                AddressSpace.Release(region, RegionBytes);
                throw new OutOfMemoryException($"The system has no {initial} bytes for a linear memory.");
            }
        }

        Base = region + Around;
        Size = (ulong)initial;
        store.Own(this);
    }

    /// <inheritdoc/>
    public override ExternKind ExternKind => ExternKind.Memory;

    /// <summary>Its size in bytes, now; it never shrinks.</summary>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public long Length
    {
        get
        {
            Store.ThrowIfDisposed();
            return (long)Size;
        }
    }

    /// <summary>Its size in pages, now.</summary>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public uint Pages => (uint)(Length / PageBytes);

    /// <summary>The most pages it may have, or null.</summary>
    public uint? MaximumPages { get; }

    internal byte* Base { get; }

    /// <summary>The size in bytes, at the place where compiled code reads it.</summary>
    internal ulong Size
    {
        get => *(ulong*)(Base - SizeDistance);
        private set => *(ulong*)(Base - SizeDistance) = value;
    }

    // One system page before the memory and one behind it.
    private static nuint Around => (nuint)Environment.SystemPageSize;

    private nuint RegionBytes => Around + _reserved + Around + Guard;

    private nuint CommittedAtFirst => Around + _initial + Around;

    internal Limits Type => new((uint)(Size / PageBytes), MaximumPages);

    /// <summary>A view of a part of it. The view must not be used once the store is disposed; growing leaves it valid.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part is not wholly inside the memory as it is now.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public Span<byte> Slice(long offset, int length)
    {
        Store.ThrowIfDisposed();
        if (offset < 0 || length < 0 || (ulong)offset + (ulong)length > Size)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), $"{length} bytes at {offset} are not inside a linear memory of {Size} bytes.");
        }

        return new Span<byte>(Base + offset, length);
    }

    /// <summary>Adds zeroed pages.</summary>
    /// <param name="deltaPages">How many.</param>
    /// <param name="oldPages">How many there were before.</param>
    /// <returns>False, and nothing changed, where the maximum or a limit of the store forbids it or the system has no memory.</returns>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public bool TryGrow(uint deltaPages, out uint oldPages)
    {
        oldPages = Pages;
        var size = Size;
        var wanted = size + ((ulong)deltaPages * PageBytes);
        if (wanted > (ulong)(MaximumPages ?? MaxPages) * PageBytes)
        {
            return false;
        }

        if (wanted > _reserved || !AddressSpace.TryCommit(Base + size + Around, (nuint)(wanted - size)))
        {
            Store.MemoryLimitReached = true;
            return false;
        }

        ClearTouched(Base + size, Around);
        Size = wanted;
        _hasGrown |= deltaPages > 0;
        return true;
    }

    /// <summary>
    /// Goes back to zeroed pages, as many as there were at first. False where the system cannot do that faster than a new memory is
    /// made; what is in it is then undefined.
    /// </summary>
    internal bool TryReset()
    {
        var size = (nuint)Size;
        var looked = Math.Min(size, TouchedPages.MaxBytes);
        if (looked <= MaxResidentBytes || !TouchedPages.TryClear(Base, looked, (int)MaxResidentBytes))
        {
            looked = Math.Min(size, (nuint)MaxResidentBytes);
            ClearTouched(Base, looked);
        }

        if (size > looked && !AddressSpace.TryDiscard(Base + looked, size - looked))
        {
            return false;
        }

        ClearTouched(Base + size, Around);
        new Span<byte>(Base - SizeDistance, SizeDistance).Clear();
        Size = _initial;
        return true;
    }

    /// <summary>Gives the memory back; nothing may touch it afterwards.</summary>
    internal void Release()
    {
        var region = Base - Around;
        if (_hasGrown || Size > (ulong)ReservationPool.MaxMemoryBytes || !ReservationPool.TryReturn(region, RegionBytes, CommittedAtFirst))
        {
            AddressSpace.Release(region, RegionBytes);
        }
    }

    private static void ClearTouched(byte* start, nuint bytes)
    {
        // A page that was not written to is only looked at: the system has no memory behind it.
        for (nuint at = 0; at < bytes; at += ZeroedAtOnce)
        {
            var page = new Span<byte>(start + at, ZeroedAtOnce);
            if (page.ContainsAnyExcept((byte)0))
            {
                page.Clear();
            }
        }
    }
}
