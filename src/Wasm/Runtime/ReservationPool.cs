using System.Runtime.InteropServices;

namespace HeliosEdge.Wasm.Runtime;

/// <summary>
/// Keeps the reservations of small memories for the next store: mapping, faulting pages in and unmapping cost several times what a
/// short call does. What is kept is zero from end to end, as a fresh mapping is.
/// </summary>
internal static unsafe class ReservationPool // SAFETY: a region is in the pool or with one owner, never both; its first `committed` bytes are accessible.
{
    /// <summary>A memory larger than this is unmapped: clearing it would cost more than that.</summary>
    public const long MaxMemoryBytes = 256 << 10;

    private const long MaxKeptBytes = 64 << 20;

    // Each region takes up to 4 GiB of address space and two of the mappings that the system counts.
    private const int MaxKeptRegions = 256;

    private static readonly Lock Gate = new();
    private static readonly Dictionary<(nuint Bytes, nuint Committed), Stack<nint>> Kept = [];
    private static long _keptBytes;
    private static int _keptRegions;
    private static long _keptReservations;

    /// <summary>Bytes of address space that the pool holds.</summary>
    public static long KeptReservations
    {
        get
        {
            lock (Gate)
            {
                return _keptReservations;
            }
        }
    }

    /// <summary>A region of exactly these sizes, zeroed, or null.</summary>
    public static byte* TryRent(nuint bytes, nuint committed)
    {
        lock (Gate)
        {
            if (Kept.TryGetValue((bytes, committed), out var regions) && regions.TryPop(out var region))
            {
                _keptBytes -= (long)committed;
                _keptRegions--;
                _keptReservations -= (long)bytes;
                return (byte*)region;
            }

            return null;
        }
    }

    /// <summary>Clears a region and keeps it; false where the pool is full, and the region is still the caller's.</summary>
    public static bool TryReturn(byte* region, nuint bytes, nuint committed)
    {
        lock (Gate)
        {
            if (_keptBytes + (long)committed > MaxKeptBytes || _keptRegions == MaxKeptRegions)
            {
                return false;
            }

            _keptBytes += (long)committed;
            _keptRegions++;
            _keptReservations += (long)bytes;
        }

        NativeMemory.Clear(region, committed);
        lock (Gate)
        {
            ref var regions = ref CollectionsMarshal.GetValueRefOrAddDefault(Kept, (bytes, committed), out _);
            regions ??= new Stack<nint>();
            regions.Push((nint)region);
        }

        return true;
    }
}
