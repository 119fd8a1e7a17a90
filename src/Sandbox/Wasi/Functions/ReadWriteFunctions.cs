using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Wasi.Descriptors;
using HeliosEdge.Sandbox.Wasi.Memory;

namespace HeliosEdge.Sandbox.Wasi.Functions;

/// <summary>Reading and writing files and streams.</summary>
internal static class ReadWriteFunctions
{
    // A call may transfer less than it was asked for. These bounds keep a single one from outliving the guest's deadline.
    private const uint MaxVectors = 1_024;
    private const long MaxBytes = 64 << 20;

    public static void FdRead(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var descriptor = process.Descriptors.Get((uint)a[0], Rights.FdRead);
        memory.CheckRange((uint)a[3], 4);
        var count = Read(descriptor, memory, (uint)a[1], (uint)a[2], descriptor.Position);
        descriptor.Position += count;
        memory.WriteU32((uint)a[3], (uint)count);
    }

    public static void FdPread(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var descriptor = process.Descriptors.Get((uint)a[0], Rights.FdRead);
        RequirePositions(descriptor, a[3]);
        descriptor.Require(Rights.FdSeek);
        memory.CheckRange((uint)a[4], 4);
        memory.WriteU32((uint)a[4], (uint)Read(descriptor, memory, (uint)a[1], (uint)a[2], a[3]));
    }

    public static void FdWrite(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var descriptor = process.Descriptors.Get((uint)a[0], Rights.FdWrite);
        memory.CheckRange((uint)a[3], 4);
        var append = (descriptor.Flags & DescriptorFlags.Append) != 0;
        var count = Write(descriptor, memory, (uint)a[1], (uint)a[2], descriptor.Position, append);
        descriptor.Position = append && descriptor.File.IsSeekable ? (long)descriptor.File.GetStatus().Size : descriptor.Position + count;
        memory.WriteU32((uint)a[3], (uint)count);
    }

    /// <summary>Writes at the offset even where the descriptor appends, as POSIX wants.</summary>
    public static void FdPwrite(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var descriptor = process.Descriptors.Get((uint)a[0], Rights.FdWrite);
        RequirePositions(descriptor, a[3]);
        descriptor.Require(Rights.FdSeek);
        memory.CheckRange((uint)a[4], 4);
        memory.WriteU32((uint)a[4], (uint)Write(descriptor, memory, (uint)a[1], (uint)a[2], a[3], append: false));
    }

    public static void FdSeek(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var onlyTells = a[1] == 0 && a[2] == 1;
        var descriptor = process.Descriptors[(uint)a[0]];
        if (!descriptor.IsDirectory && !descriptor.File.IsSeekable)
        {
            throw new WasiException(Errno.NotSeekable);
        }

        if (!onlyTells || (descriptor.Rights & Rights.FdTell) == 0)
        {
            descriptor.Require(Rights.FdSeek);
        }

        var start = a[2] switch
        {
            0 => 0,
            1 => descriptor.Position,
            2 => (long)descriptor.File.GetStatus().Size,
            _ => throw new WasiException(Errno.Invalid),
        };
        memory.CheckRange((uint)a[3], 8);
        if (a[1] > long.MaxValue - start)
        {
            throw new WasiException(Errno.Overflow);
        }

        var position = start + a[1];
        descriptor.Position = position >= 0 ? position : throw new WasiException(Errno.Invalid);
        memory.WriteU64((uint)a[3], (ulong)position);
    }

    public static void FdTell(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var descriptor = process.Descriptors[(uint)a[0]];
        if (!descriptor.IsDirectory && !descriptor.File.IsSeekable)
        {
            throw new WasiException(Errno.NotSeekable);
        }

        descriptor.Require(Rights.FdTell);
        memory.WriteU64((uint)a[1], (ulong)descriptor.Position);
    }

    private static void RequirePositions(Descriptor descriptor, long offset)
    {
        if (!descriptor.File.IsSeekable)
        {
            throw new WasiException(Errno.NotSeekable);
        }

        if (offset < 0)
        {
            throw new WasiException(Errno.Invalid);
        }
    }

    private static long Read(Descriptor descriptor, IGuestAccess memory, uint vectors, uint vectorCount, long position)
    {
        var file = descriptor.File;
        var total = 0L;
        CheckVectors(memory, vectors, ref vectorCount);
        for (var i = 0u; i < vectorCount && total < MaxBytes; i++)
        {
            var buffer = Vector(memory, vectors, i, MaxBytes - total);
            if (buffer.IsEmpty)
            {
                continue;
            }

            // What is waiting on a stream is given out at once: the next read could block.
            if (total > 0 && !file.IsSeekable)
            {
                break;
            }

            var count = file.Read(buffer, position + total);
            total += count;
            if (count < buffer.Length)
            {
                break;
            }
        }

        return total;
    }

    private static long Write(Descriptor descriptor, IGuestAccess memory, uint vectors, uint vectorCount, long position, bool append)
    {
        var file = descriptor.File;
        var total = 0L;
        CheckVectors(memory, vectors, ref vectorCount);
        for (var i = 0u; i < vectorCount && total < MaxBytes; i++)
        {
            ReadOnlySpan<byte> bytes = Vector(memory, vectors, i, MaxBytes - total);
            if (bytes.IsEmpty)
            {
                continue;
            }

            try
            {
                var count = file.Write(bytes, position + total, append);
                total += count;
                if (count < bytes.Length)
                {
                    break;
                }
            }
            catch (WasiException) when (total > 0)
            {
                // The guest is told what was written; the next call meets the error again.
                break;
            }
        }

        if (total > 0 && (descriptor.Flags & (DescriptorFlags.Sync | DescriptorFlags.DataSync)) != 0)
        {
            file.Sync();
        }

        return total;
    }

    /// <summary>Checks all that the call names before any of it is used, and cuts the list to what one call transfers.</summary>
    private static void CheckVectors(IGuestAccess memory, uint vectors, ref uint count)
    {
        memory.CheckRange(vectors, 8UL * count);
        count = Math.Min(count, MaxVectors);
        var total = 0UL;
        for (var i = 0u; i < count; i++)
        {
            var length = memory.ReadU32(vectors + (8 * i) + 4);
            memory.CheckRange(memory.ReadU32(vectors + (8 * i)), length);
            total += length;
        }

        if (total > uint.MaxValue)
        {
            throw new WasiException(Errno.Invalid);
        }
    }

    private static Span<byte> Vector(IGuestAccess memory, uint vectors, uint index, long most)
    {
        var pointer = memory.ReadU32(vectors + (8 * index));
        var length = memory.ReadU32(vectors + (8 * index) + 4);
        return memory.Bytes(pointer, (uint)Math.Min(length, most));
    }
}
