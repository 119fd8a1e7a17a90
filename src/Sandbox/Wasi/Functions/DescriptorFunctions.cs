using System.Buffers.Binary;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Wasi.Descriptors;
using HeliosEdge.Sandbox.Wasi.Files;
using HeliosEdge.Sandbox.Wasi.Memory;

namespace HeliosEdge.Sandbox.Wasi.Functions;

/// <summary>What descriptors are, and changing it.</summary>
internal static class DescriptorFunctions
{
    private const uint LastAdvice = 5;

    public static void FdAdvise(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var descriptor = process.Descriptors.Get((uint)a[0], Rights.FdAdvise);
        if ((uint)a[3] > LastAdvice || a[1] < 0 || a[2] < 0)
        {
            throw new WasiException(Errno.Invalid);
        }

        // Advice changes no meaning; all there is to do is to refuse it where there is nothing to advise on.
        if (descriptor.IsDirectory)
        {
            throw new WasiException(Errno.BadDescriptor);
        }
    }

    public static void FdAllocate(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var file = process.Descriptors.Get((uint)a[0], Rights.FdAllocate).File;
        if (a[1] < 0 || a[2] <= 0)
        {
            throw new WasiException(Errno.Invalid);
        }

        if (a[2] > long.MaxValue - a[1])
        {
            throw new WasiException(Errno.FileTooLarge);
        }

        file.Allocate(a[1], a[2]);
    }

    public static void FdClose(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a) => process.Descriptors.Close((uint)a[0]);

    public static void FdDatasync(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a) =>
        Sync(process.Descriptors.Get((uint)a[0], Rights.FdDatasync));

    public static void FdSync(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a) =>
        Sync(process.Descriptors.Get((uint)a[0], Rights.FdSync));

    public static void FdFdstatGet(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var descriptor = process.Descriptors[(uint)a[0]];
        var result = memory.Bytes((uint)a[1], 24);
        result.Clear();
        result[0] = (byte)descriptor.Type;
        BinaryPrimitives.WriteUInt16LittleEndian(result[2..], (ushort)descriptor.Flags);
        BinaryPrimitives.WriteUInt64LittleEndian(result[8..], (ulong)descriptor.Rights);
        BinaryPrimitives.WriteUInt64LittleEndian(result[16..], (ulong)descriptor.Inheriting);
    }

    public static void FdFdstatSetFlags(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var descriptor = process.Descriptors.Get((uint)a[0], Rights.FdFdstatSetFlags);
        descriptor.Flags = ReadFlags(a[1]);
    }

    public static void FdFdstatSetRights(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var descriptor = process.Descriptors[(uint)a[0]];
        var rights = (Rights)a[1];
        var inheriting = (Rights)a[2];
        if ((rights & ~descriptor.Rights) != 0 || (inheriting & ~descriptor.Inheriting) != 0)
        {
            throw new WasiException(Errno.NotCapable);
        }

        descriptor.Rights = rights;
        descriptor.Inheriting = inheriting;
    }

    public static void FdFilestatGet(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a) =>
        WriteStatus(memory, (uint)a[1], process.Descriptors.Get((uint)a[0], Rights.FdFilestatGet).GetStatus());

    public static void FdFilestatSetSize(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var file = process.Descriptors.Get((uint)a[0], Rights.FdFilestatSetSize).File;
        file.SetSize(a[1] >= 0 ? a[1] : throw new WasiException(Errno.FileTooLarge));
    }

    public static void FdFilestatSetTimes(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var descriptor = process.Descriptors.Get((uint)a[0], Rights.FdFilestatSetTimes);
        var (accessed, modified) = ReadTimes(a[1], a[2], a[3]);
        if (descriptor.IsDirectory)
        {
            descriptor.Directory.SetTimes(accessed, modified);
        }
        else
        {
            descriptor.File.SetTimes(accessed, modified);
        }
    }

    public static void FdPrestatGet(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var name = process.Descriptors[(uint)a[0]].PreopenName ?? throw new WasiException(Errno.BadDescriptor);
        var result = memory.Bytes((uint)a[1], 8);
        result.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(result[4..], (uint)name.Length);
    }

    public static void FdPrestatDirName(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var name = process.Descriptors[(uint)a[0]].PreopenName ?? throw new WasiException(Errno.BadDescriptor);
        var buffer = memory.Bytes((uint)a[1], (uint)a[2]);
        if (buffer.Length < name.Length)
        {
            throw new WasiException(Errno.NameTooLong);
        }

        name.CopyTo(buffer);
    }

    public static void FdRenumber(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a) =>
        process.Descriptors.Renumber((uint)a[0], (uint)a[1]);

    internal static DescriptorFlags ReadFlags(long value)
    {
        var flags = (DescriptorFlags)(ushort)value;
        return ((uint)value & ~(uint)DescriptorFlags.All) == 0 ? flags : throw new WasiException(Errno.Invalid);
    }

    /// <summary>The times to set, of type <c>fstflags</c> and two <c>timestamp</c>s.</summary>
    internal static (ulong? Accessed, ulong? Modified) ReadTimes(long accessed, long modified, long flags)
    {
        if ((uint)flags > 15)
        {
            throw new WasiException(Errno.Invalid);
        }

        var now = WasiClock.Realtime();
        return (Choose((flags & 1) != 0, (flags & 2) != 0, accessed), Choose((flags & 4) != 0, (flags & 8) != 0, modified));

        ulong? Choose(bool given, bool current, long value) => (given, current) switch
        {
            (true, true) => throw new WasiException(Errno.Invalid),
            (true, _) => (ulong)value,
            (_, true) => now,
            _ => null,
        };
    }

    internal static void WriteStatus(IGuestAccess memory, uint pointer, in FileStatus status)
    {
        var result = memory.Bytes(pointer, 64);
        result.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(result, status.Device);
        BinaryPrimitives.WriteUInt64LittleEndian(result[8..], status.Inode);
        result[16] = (byte)status.Type;
        BinaryPrimitives.WriteUInt64LittleEndian(result[24..], status.Links);
        BinaryPrimitives.WriteUInt64LittleEndian(result[32..], status.Size);
        BinaryPrimitives.WriteUInt64LittleEndian(result[40..], status.Accessed);
        BinaryPrimitives.WriteUInt64LittleEndian(result[48..], status.Modified);
        BinaryPrimitives.WriteUInt64LittleEndian(result[56..], status.Changed);
    }

    private static void Sync(Descriptor descriptor)
    {
        if (descriptor.IsDirectory)
        {
            descriptor.Directory.Sync();
        }
        else
        {
            descriptor.File.Sync();
        }
    }
}
