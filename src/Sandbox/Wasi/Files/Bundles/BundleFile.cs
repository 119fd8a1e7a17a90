namespace HeliosEdge.Sandbox.Wasi.Files.Bundles;

/// <summary>A file of a bundle, and every handle on it: it has no state that a guest could change.</summary>
internal sealed class BundleFile(ulong device, ulong inode, byte[] content) : OpenFile
{
    public ulong Inode => inode;

    public override FileType Type => FileType.RegularFile;

    public override bool IsSeekable => true;

    public override FileStatus GetStatus() => new(device, inode, FileType.RegularFile, 1, (ulong)content.Length, 0, 0, 0);

    public override int Read(Span<byte> buffer, long offset)
    {
        if (offset >= content.Length)
        {
            return 0;
        }

        var rest = content.AsSpan((int)offset);
        var count = Math.Min(buffer.Length, rest.Length);
        rest[..count].CopyTo(buffer);
        return count;
    }

    public override int Write(ReadOnlySpan<byte> bytes, long offset, bool append) => throw new WasiException(Errno.ReadOnly);

    public override void SetSize(long size) => throw new WasiException(Errno.ReadOnly);

    public override void Allocate(long offset, long length) => throw new WasiException(Errno.ReadOnly);

    public override void SetTimes(ulong? accessed, ulong? modified) => throw new WasiException(Errno.ReadOnly);
}
