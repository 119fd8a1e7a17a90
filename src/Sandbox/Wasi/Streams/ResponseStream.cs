using System.Buffers;

namespace HeliosEdge.Sandbox.Wasi.Streams;

/// <summary>Standard output as the response of an invocation: kept back until the guest has ended well, and ended where it grows too large.</summary>
internal sealed class ResponseStream(int maxBytes) : WriteOnlyStream
{
    private readonly ArrayBufferWriter<byte> _written = new();

    public ReadOnlySpan<byte> Written => _written.WrittenSpan;

    /// <exception cref="SandboxException"><see cref="ErrorCodes.ResponseTooLarge"/>.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var length = (long)_written.WrittenCount + buffer.Length;
        if (length > maxBytes)
        {
            throw SandboxException.Breach(ErrorCodes.ResponseTooLarge, "The response has at least", maxBytes, length, "bytes");
        }

        _written.Write(buffer);
    }
}
