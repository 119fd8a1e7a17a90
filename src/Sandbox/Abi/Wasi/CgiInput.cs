using System.Buffers;
using System.IO.Pipelines;
using HeliosEdge.Sandbox.Abi.Http;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Sandbox.Abi.Wasi;

/// <summary>Standard input of a CGI program that reads its request's body while it comes. Used by the guest's thread, which waits where the sender is slow.</summary>
/// <param name="body">The body.</param>
/// <param name="limits">How many bytes it may have, and how long the program may take from now on.</param>
/// <param name="cancellation">Ends a wait for the sender.</param>
internal sealed class CgiInput(PipeReader body, ResourceLimits limits, CancellationToken cancellation) : Stream
{
    private readonly GuestPatience _patience = new(limits.TimeoutMs, cancellation);
    private Task<ReadResult>? _reading;
    private ReadOnlySequence<byte> _come;
    private bool _hasEnded;
    private long _length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.PayloadTooLarge"/>; <see cref="ErrorCodes.Cancelled"/>: the body broke off, which is not to look like its end.
    /// </exception>
    /// <exception cref="TimeoutException">There was nothing to read at the deadline, or when the call was taken back.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        while (!IsReadable(TimeSpan.MaxValue))
        {
        }

        if (_come.IsEmpty)
        {
            return 0;
        }

        var count = (int)Math.Min(buffer.Length, _come.Length);
        _come.Slice(0, count).CopyTo(buffer);
        Keep(_come.Slice(count));

        _length += count;
        BodyLimit.Require(_length, limits.MaxPayloadBytes);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Waits until there is something to read, or the end, but no longer than stated.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PayloadTooLarge"/> or <see cref="ErrorCodes.Cancelled"/>.</exception>
    /// <exception cref="TimeoutException">As for <see cref="Read(Span{byte})"/>.</exception>
    public bool IsReadable(TimeSpan atMost)
    {
        while (_come.IsEmpty && !_hasEnded)
        {
            _reading ??= NextAsync();
            if (!_reading.IsCompleted && !_patience.Wait(_reading, atMost))
            {
                return false;
            }

            var read = Result(_reading);
            _reading = null;
            _hasEnded = read.IsCompleted;
            Keep(read.Buffer);
        }

        return true;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        // Whoever feeds it learns that nobody reads the rest.
        body.Complete();
        base.Dispose(disposing);
    }

    // What the sender failed with is in the task, whether it was known at once or not.
    private async Task<ReadResult> NextAsync() => await body.ReadAsync(CancellationToken.None).ConfigureAwait(false);

    private void Keep(ReadOnlySequence<byte> rest)
    {
        _come = rest;
        if (rest.IsEmpty)
        {
            body.AdvanceTo(rest.End);
            _come = default;
        }
    }

    private static ReadResult Result(Task<ReadResult> reading) => reading.Exception?.GetBaseException() switch
    {
        null when reading.IsCompletedSuccessfully => reading.Result,
        SandboxException refused => throw new SandboxException(refused.Code, refused.Message, refused) { Limit = refused.Limit, Value = refused.Value },
        var e => throw new SandboxException(ErrorCodes.Cancelled, $"The request broke off before its body was whole: {e?.Message ?? "it was taken back"}", e),
    };
}
