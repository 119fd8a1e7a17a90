using System.Buffers;
using System.IO.Pipelines;
using HeliosEdge.Sandbox.Abi.Http;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Sandbox.Abi.Wasi;

/// <summary>
/// Standard output of a CGI program whose body is passed on as it is written, once its head is complete. Used by the guest's thread, which waits
/// where the receiver is slow.
/// </summary>
/// <param name="limits">What the program may write, its head included, and how long it may take from now on.</param>
/// <param name="begin">Passes the head on and gives where the body goes.</param>
/// <param name="cancellation">Ends a wait for the receiver.</param>
internal sealed class CgiOutput(ResourceLimits limits, Func<GuestResponse, PipeWriter> begin, CancellationToken cancellation = default) : Stream
{
    /// <summary>However much a program writes at once, no more than this is added to what is held for the receiver.</summary>
    private const int PieceBytes = 64 << 10;

    private readonly GuestPatience _patience = new(limits.TimeoutMs, cancellation);
    private readonly ArrayBufferWriter<byte> _start = new();
    private GuestResponse? _head;
    private PipeWriter? _body;
    private long _length;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="SandboxException"><see cref="ErrorCodes.ResponseTooLarge"/> or <see cref="ErrorCodes.InvalidHttpResponse"/>.</exception>
    /// <exception cref="TimeoutException">The receiver had not taken enough at the deadline, or when the call was taken back.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _length += buffer.Length;
        if (_length > limits.MaxResponseBytes)
        {
            throw new SandboxException(
                ErrorCodes.ResponseTooLarge, $"The response has at least {_length} bytes; the limit is {limits.MaxResponseBytes} bytes.")
            {
                Limit = limits.MaxResponseBytes,
                Value = _length,
            };
        }

        if (_head is not null)
        {
            WriteBody(buffer);
            return;
        }

        var searched = _start.WrittenCount;
        _start.Write(buffer);
        if (CgiResponse.TryParseHead(_start.WrittenSpan, searched, out var head, out var length))
        {
            ResponseHead.CheckBody(head, _start.WrittenCount - length);
            _head = head;

            // Without a type there may be no body to come, and then none is to be made up.
            if (head.MayHaveBody && head.Headers.Any(header => header.Name == "content-type"))
            {
                _body = begin(head);
            }

            WriteBody(_start.WrittenSpan[length..]);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>The head of a program that has ended well.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidHttpResponse"/>: there is none.</exception>
    public GuestResponse End() => _head ?? throw CgiResponse.EndedEarly(_length);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _body?.Complete();
        }

        base.Dispose(disposing);
    }

    private void WriteBody(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        ResponseHead.CheckBody(_head!, bytes.Length);
        var body = _body ??= begin(_head!);
        while (!bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(bytes.Length, PieceBytes)];
            bytes = bytes[piece.Length..];
            body.Write(piece);
            var flushing = body.FlushAsync(CancellationToken.None);
            if ((flushing.IsCompletedSuccessfully ? flushing.Result : Await(flushing.AsTask())).IsCompleted)
            {
                throw new SandboxException(ErrorCodes.Cancelled, "Nobody takes the response any more.");
            }
        }
    }

    private FlushResult Await(Task<FlushResult> flushing)
    {
        _patience.Wait(flushing);
        return flushing.GetAwaiter().GetResult();
    }
}
