namespace HeliosEdge.Sandbox.Wasi.Files.Host;

/// <summary>An open file of the host's.</summary>
internal sealed class HostFile(SafeDescriptor descriptor, FileType type) : OpenFile
{
    public override FileType Type => type;

    public override bool IsSeekable => type is FileType.RegularFile or FileType.BlockDevice;

    public override FileStatus GetStatus() => Libc.Status(descriptor, "", Libc.EmptyPath);

    public override int Read(Span<byte> buffer, long offset) => Libc.Read(descriptor, buffer, IsSeekable ? offset : -1);

    public override int Write(ReadOnlySpan<byte> bytes, long offset, bool append) =>
        Libc.Write(descriptor, bytes, IsSeekable ? offset : -1, append && IsSeekable);

    public override void SetSize(long size) => Libc.SetSize(descriptor, size);

    public override void Allocate(long offset, long length) => Libc.Allocate(descriptor, offset, length);

    public override void SetTimes(ulong? accessed, ulong? modified) => Libc.SetTimes(descriptor, null, accessed, modified);

    public override void Sync() => Libc.Sync(descriptor);

    public override void Dispose() => descriptor.Dispose();
}
