namespace HeliosEdge.Sandbox.Wasi.Files;

/// <summary>A host's stream as standard input, output or error.</summary>
internal sealed class StreamFile(Stream stream, bool isTerminal, Func<TimeSpan, bool>? waitReadable = null) : OpenFile
{
    public override FileType Type => isTerminal ? FileType.CharacterDevice : FileType.Unknown;

    public override bool IsSeekable => false;

    public override FileStatus GetStatus() => new(0, 0, Type, 0, 0, 0, 0, 0);

    public override int Read(Span<byte> buffer, long offset)
    {
        try
        {
            return stream.Read(buffer);
        }
        catch (IOException)
        {
            throw new WasiException(Errno.InputOutput);
        }
    }

    public override int Write(ReadOnlySpan<byte> bytes, long offset, bool append)
    {
        try
        {
            stream.Write(bytes);
            return bytes.Length;
        }
        catch (IOException)
        {
            throw new WasiException(Errno.BrokenPipe);
        }
    }

    public override void Sync() => stream.Flush();

    public override bool WaitReadable(TimeSpan atMost) => waitReadable?.Invoke(atMost) ?? true;
}
