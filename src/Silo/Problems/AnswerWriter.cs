using System.Buffers;
using System.IO.Pipelines;

namespace HeliosEdge.Silo.Problems;

/// <summary>What Kestrel writes to a connection, until it is told to write something else in place of all that follows.</summary>
internal sealed class AnswerWriter(PipeWriter connection) : PipeWriter
{
    private byte[]? _answer;
    private byte[] _dropped = [];
    private bool _isAnswered;

    public override bool CanGetUnflushedBytes => connection.CanGetUnflushedBytes;

    public override long UnflushedBytes => connection.UnflushedBytes;

    /// <summary>Sends this with the next flush, and nothing of what is written from now on. What was written before stays before it.</summary>
    public void AnswerInstead(byte[] answer) => _answer ??= answer;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _answer is null ? connection.GetMemory(sizeHint) : Dropped(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _answer is null ? connection.GetSpan(sizeHint) : Dropped(sizeHint);

    public override void Advance(int bytes)
    {
        if (_answer is null)
        {
            connection.Advance(bytes);
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_answer is null || _isAnswered)
        {
            return connection.FlushAsync(cancellationToken);
        }

        _isAnswered = true;
        return connection.WriteAsync(_answer, cancellationToken);
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        _answer is null ? connection.WriteAsync(source, cancellationToken) : FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => connection.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        Finish();
        connection.Complete(exception);
    }

    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        Finish();
        return connection.CompleteAsync(exception);
    }

    // An answer that Kestrel wrote and did not flush is flushed as the connection ends.
    private void Finish()
    {
        if (_answer is not null && !_isAnswered)
        {
            _isAnswered = true;
            connection.Write(_answer);
        }
    }

    private byte[] Dropped(int sizeHint)
    {
        if (_dropped.Length < Math.Max(sizeHint, 1))
        {
            _dropped = new byte[Math.Max(sizeHint, 4_096)];
        }

        return _dropped;
    }
}
