using System.Buffers.Binary;
using System.Text;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Wasi.Descriptors;
using HeliosEdge.Sandbox.Wasi.Files;
using HeliosEdge.Sandbox.Wasi.Memory;

namespace HeliosEdge.Sandbox.Wasi.Functions;

/// <summary>Listing directories.</summary>
internal static class DirectoryFunctions
{
    private const int HeaderBytes = 24;

    /// <summary>
    /// Cookies count the names of one snapshot, taken anew at cookie 0, so that files made or removed while a guest lists neither
    /// appear twice nor hide others.
    /// </summary>
    public static void FdReaddir(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var descriptor = process.Descriptors.Get((uint)a[0], Rights.FdReaddir);
        var buffer = memory.Bytes((uint)a[1], (uint)a[2]);
        memory.CheckRange((uint)a[4], 4);
        var cookie = (ulong)a[3];
        if (cookie == 0 || descriptor.Listing is null)
        {
            descriptor.Listing = Snapshot(descriptor.Directory);
        }

        var used = 0;
        Span<byte> header = stackalloc byte[HeaderBytes];
        for (; cookie < (ulong)descriptor.Listing.Count && used < buffer.Length; cookie++)
        {
            var entry = descriptor.Listing[(int)cookie];
            var name = Encoding.UTF8.GetBytes(entry.Name);
            header.Clear();
            BinaryPrimitives.WriteUInt64LittleEndian(header, cookie + 1);
            BinaryPrimitives.WriteUInt64LittleEndian(header[8..], entry.Inode);
            BinaryPrimitives.WriteUInt32LittleEndian(header[16..], (uint)name.Length);
            header[20] = (byte)entry.Type;
            used += CopyWhatFits(header, buffer[used..]);
            used += CopyWhatFits(name, buffer[used..]);
        }

        memory.WriteU32((uint)a[4], (uint)used);
    }

    private static List<DirectoryEntry> Snapshot(DirectoryNode directory)
    {
        var inode = directory.GetStatus().Inode;
        return [new DirectoryEntry(".", inode, FileType.Directory), new DirectoryEntry("..", 0, FileType.Directory), .. directory.List()];
    }

    private static int CopyWhatFits(ReadOnlySpan<byte> bytes, Span<byte> buffer)
    {
        var count = Math.Min(bytes.Length, buffer.Length);
        bytes[..count].CopyTo(buffer);
        return count;
    }
}
