namespace HeliosEdge.Sandbox.Wasi.Streams;

/// <summary>
/// Standard input as the payload of an invocation. Reads from the caller's own bytes: the caller keeps them in place until the
/// guest has ended.
/// </summary>
internal sealed unsafe class PayloadStream(byte* payload, int length) : Stream // SAFETY: WasiAbi.Invoke pins the payload's length bytes for as long as the guest runs, and reads stay within length.
{
    private int _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, length - _position);
        new ReadOnlySpan<byte>(payload + _position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
