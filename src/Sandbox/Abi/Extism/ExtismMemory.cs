using System.Buffers;
using System.Numerics;

namespace HeliosEdge.Sandbox.Abi.Extism;

/// <summary>
/// What Extism calls kernel memory: an address space beside the guest's own, held by the host, out of which both hand each other
/// blocks. A guest reads and writes it through host functions only, and may reach all of it, as with Extism's own kernel; where
/// its blocks begin and end is known to the host alone. One invocation has one, and one thread at a time.
/// </summary>
/// <param name="maxBytes">The most that it may grow to.</param>
internal sealed class ExtismMemory(long maxBytes) : IDisposable
{
    /// <summary>The lowest address of a block; what lies below is null.</summary>
    public const ulong FirstAddress = 64;

    private const long PageBytes = 65_536;
    private const long Granule = 16;

    /// <summary>Bytes of the largest array that is kept for later invocations; larger ones go back to the runtime.</summary>
    private const int MaxPooledBytes = 1 << 20;

    /// <summary>
    /// Left free before each block. Accounts of a block take about as much of the host's memory, which is bounded by the limit of
    /// this one in that way.
    /// </summary>
    private const long BlockOverhead = 48;

    private readonly long _maxBytes = Math.Min(maxBytes, Array.MaxLength) / PageBytes * PageBytes;
    private readonly Dictionary<ulong, Block> _live = [];
    private readonly Dictionary<long, Queue<ulong>> _free = [];
    private byte[] _bytes = [];
    private long _position = (long)FirstAddress;

    /// <summary>Bytes that can be reached, in pages of 64 KiB.</summary>
    public long Length { get; private set; }

    /// <summary>True once a block was refused for want of room.</summary>
    public bool AllocationRefused { get; private set; }

    /// <summary>Where the input is.</summary>
    public ulong InputAddress { get; private set; }

    /// <summary>Bytes of the input.</summary>
    public ulong InputLength { get; private set; }

    /// <summary>Where the output is.</summary>
    public ulong OutputAddress { get; private set; }

    /// <summary>Bytes of the output.</summary>
    public ulong OutputLength { get; private set; }

    /// <summary>The block that has the text of an error, or 0.</summary>
    public ulong Error { get; private set; }

    /// <summary>Bytes of all live blocks.</summary>
    public long LiveBytes { get; private set; }

    /// <summary>Makes a zeroed block.</summary>
    /// <returns>Its address; 0 for no bytes, and where there is no room.</returns>
    public ulong Allocate(ulong length)
    {
        if (length == 0)
        {
            return 0;
        }

        if (length > (ulong)_maxBytes)
        {
            AllocationRefused = true;
            return 0;
        }

        // Freed blocks come after what is free at the end, as in Extism's kernel: kits free what a host function has taken
        // already, and must not hit what was made since.
        var capacity = CapacityFor((long)length);
        var exact = RoundUp((long)length, Granule);
        var address = _position + BlockOverhead + capacity <= Length ? Append(capacity)
            : TryReuse(capacity, out var freed) ? freed
            : TryGrow(_position + BlockOverhead + capacity) ? Append(capacity)
            : TryGrow(_position + BlockOverhead + exact) ? Append(capacity = exact)
            : TryReuse(capacity = SmallestFreed(exact), out freed) ? freed
            : 0;
        if (address == 0)
        {
            AllocationRefused = true;
            return 0;
        }

        // Even what was never a block may have been written to: all of the memory is in the guest's reach.
        View(address, (int)length).Clear();
        _live.Add(address, new Block(capacity, (long)length));
        LiveBytes += (long)length;
        return address;
    }

    /// <summary>Gives a block back; nothing happens where there is none.</summary>
    public void Free(ulong address)
    {
        if (!_live.Remove(address, out var block))
        {
            return;
        }

        LiveBytes -= block.Length;
        if (!_free.TryGetValue(block.Capacity, out var freed))
        {
            _free.Add(block.Capacity, freed = []);
        }

        freed.Enqueue(address);
        if (address == InputAddress)
        {
            InputLength = 0;
        }
    }

    /// <summary>Bytes of a block; 0 where there is none.</summary>
    public long LengthOf(ulong address) => _live.TryGetValue(address, out var block) ? block.Length : 0;

    /// <summary>True if bytes are within the memory.</summary>
    public bool Contains(ulong address, ulong length) =>
        address >= FirstAddress && address <= (ulong)Length && length <= (ulong)Length - address;

    /// <summary>Bytes of the memory, valid until the next <see cref="Allocate"/>. They must be within it, see <see cref="Contains"/>.</summary>
    public Span<byte> View(ulong address, int length) => _bytes.AsSpan(0, (int)Length).Slice((int)address, length);

    /// <summary>Bytes of a live block; empty where there is none.</summary>
    public Span<byte> BlockAt(ulong address) => LengthOf(address) is var length and > 0 ? View(address, (int)length) : [];

    /// <summary>Makes a block with content.</summary>
    /// <returns>Its address; 0 for no bytes, and where there is no room.</returns>
    public ulong Add(ReadOnlySpan<byte> content)
    {
        var address = Allocate((ulong)content.Length);
        if (address != 0)
        {
            content.CopyTo(View(address, content.Length));
        }

        return address;
    }

    /// <summary>States where the input is.</summary>
    /// <returns>False, and nothing is changed, if that is not within the memory.</returns>
    public bool SetInput(ulong address, ulong length)
    {
        if (!Contains(address, length))
        {
            return false;
        }

        (InputAddress, InputLength) = (address, length);
        return true;
    }

    /// <summary>States where the output is.</summary>
    /// <returns>False, and nothing is changed, if that is not within the memory.</returns>
    public bool SetOutput(ulong address, ulong length)
    {
        if (!Contains(address, length))
        {
            return false;
        }

        (OutputAddress, OutputLength) = (address, length);
        return true;
    }

    /// <summary>States which block has the text of an error; 0 for no error.</summary>
    /// <returns>False, and nothing is changed, if that is not within the memory.</returns>
    public bool SetError(ulong address)
    {
        if (address != 0 && !Contains(address, 1))
        {
            return false;
        }

        Error = address;
        return true;
    }

    /// <summary>Forgets all blocks, input, output and error, and zeroes the memory.</summary>
    public void Reset()
    {
        _bytes.AsSpan(0, (int)Length).Clear();
        _live.Clear();
        _free.Clear();
        _position = (long)FirstAddress;
        LiveBytes = 0;
        (InputAddress, InputLength, OutputAddress, OutputLength, Error) = (0, 0, 0, 0, 0);
    }

    /// <summary>Gives the bytes back.</summary>
    public void Dispose()
    {
        Length = 0;
        Return(_bytes);
        _bytes = [];
    }

    private static void Return(byte[] bytes)
    {
        if (bytes.Length is > 0 and <= MaxPooledBytes)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Few different sizes, so that freed blocks fit again: steps of 16 bytes at first, then eight for each power of two.</summary>
    private static long CapacityFor(long length)
    {
        var step = Math.Max(Granule, (long)BitOperations.RoundUpToPowerOf2((ulong)length) / 16);
        return RoundUp(length, step);
    }

    private static long RoundUp(long value, long step) => (value + step - 1) / step * step;

    private ulong Append(long capacity)
    {
        var address = _position + BlockOverhead;
        _position = address + capacity;
        return (ulong)address;
    }

    private bool TryReuse(long capacity, out ulong address)
    {
        address = 0;
        return _free.TryGetValue(capacity, out var freed) && freed.TryDequeue(out address);
    }

    /// <summary>The capacity of the smallest freed blocks that have as many bytes; 0 where there are none.</summary>
    private long SmallestFreed(long length)
    {
        var smallest = long.MaxValue;
        foreach (var (capacity, freed) in _free)
        {
            if (capacity >= length && capacity < smallest && freed.Count > 0)
            {
                smallest = capacity;
            }
        }

        return smallest == long.MaxValue ? 0 : smallest;
    }

    private bool TryGrow(long end)
    {
        if (end <= Length)
        {
            return true;
        }

        var length = RoundUp(end, PageBytes);
        if (length > _maxBytes)
        {
            return false;
        }

        if (length > _bytes.Length)
        {
            byte[] larger;
            try
            {
                larger = length <= MaxPooledBytes
                    ? ArrayPool<byte>.Shared.Rent((int)length)
                    : new byte[Math.Min(_maxBytes, (long)BitOperations.RoundUpToPowerOf2((ulong)length))];
            }
            catch (OutOfMemoryException)
            {
                return false;
            }

            _bytes.AsSpan(0, (int)Length).CopyTo(larger);
            Return(_bytes);
            _bytes = larger;
        }

        // What is rented holds what its last user left there.
        _bytes.AsSpan((int)Length, (int)(length - Length)).Clear();
        Length = length;
        return true;
    }

    private readonly record struct Block(long Capacity, long Length);
}
