namespace HeliosEdge.Sandbox.Wasi.Files.InMemory;

internal sealed class OpenMemoryFile : OpenFile
{
    private readonly MemoryFile _file;

    public OpenMemoryFile(MemoryFile file)
    {
        _file = file;
        file.Open();
    }

    public override FileType Type => FileType.RegularFile;

    public override bool IsSeekable => true;

    public override FileStatus GetStatus() => _file.GetStatus();

    public override int Read(Span<byte> buffer, long offset) => _file.Read(buffer, offset);

    public override int Write(ReadOnlySpan<byte> bytes, long offset, bool append) =>
        _file.Write(bytes, append ? (long)_file.Size : Checked(offset, bytes.Length));

    public override void SetSize(long size) => _file.SetSize(size);

    public override void Allocate(long offset, long length)
    {
        _file.Reserve(Checked(offset, length) + length);
        _file.Touch();
    }

    public override void SetTimes(ulong? accessed, ulong? modified) => _file.SetTimes(accessed, modified);

    public override void Dispose() => _file.Close();

    private static long Checked(long offset, long length) =>
        length <= long.MaxValue - offset ? offset : throw new WasiException(Errno.FileTooLarge);
}
