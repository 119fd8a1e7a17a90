using HeliosEdge.Sandbox;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.Internal;
using Npgsql.Replication.PgOutput;
using NpgsqlTypes;

namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>
/// Reads the messages of a replication slot, one at a time. What is not read waits at the server: nothing is read ahead here but what the connection's own
/// buffer takes.
/// </summary>
internal sealed class WalReader : IAsyncDisposable
{
    /// <summary>A row that is larger cannot be delivered to anybody.</summary>
    private const int MaxMessage = 256 << 20;

    /// <summary>What is kept for the next message; what a larger one took is given back.</summary>
    private const int KeptBuffer = 1 << 20;

    private readonly LogicalReplicationConnection _log;
    private readonly CancellationTokenSource _ends = new();
    private readonly IAsyncEnumerator<XLogDataMessage> _messages;
    private byte[] _buffer = new byte[4_096];
    private Task? _next;
    private long _acknowledged;

    private WalReader(LogicalReplicationConnection log, string slot, long from)
    {
        _log = log;
        _acknowledged = 0;
        var options = new PgOutputReplicationSlot(slot);
        _messages = log.StartLogicalReplication(
            options,
            _ends.Token,
            from > 0 ? new NpgsqlLogSequenceNumber((ulong)from) : null,
            [KeyValuePair.Create("proto_version", (string?)"1"), KeyValuePair.Create("publication_names", (string?)$"\"{slot}\"")]).GetAsyncEnumerator(_ends.Token);
    }

    /// <summary>The message that <see cref="NextAsync"/> has read; it stays until that is called again.</summary>
    public ReadOnlySpan<byte> Message => _buffer.AsSpan(0, Length);

    /// <summary>The same, for who keeps parts of it as long.</summary>
    public byte[] Buffer => _buffer;

    public int Length { get; private set; }

    /// <summary>Where in the log it is from.</summary>
    public long At { get; private set; }

    /// <summary>
    /// Between transactions, and while a message is awaited: up to where the server has looked through the log. What it is about to send may count already,
    /// but that is where a transaction begins, which lies before its end.
    /// </summary>
    public long Received => (long)(ulong)_log.LastReceivedLsn;

    /// <summary>Begins to read.</summary>
    /// <param name="capture">The database.</param>
    /// <param name="slot">The name of the slot, and of its publication.</param>
    /// <param name="from">Transactions that end before are left out by the server; 0 for none but those that were acknowledged.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<WalReader> OpenAsync(PostgresCapture capture, string slot, long from, CancellationToken cancellationToken) =>
        new(await capture.OpenLogAsync(cancellationToken).ConfigureAwait(false), slot, from);

    /// <summary>Waits for the next message.</summary>
    /// <returns>False if there is none within some time; the wait goes on with the next call.</returns>
    public ValueTask<bool> NextAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (_next is null)
        {
            var reading = ReadAsync();
            if (reading.IsCompletedSuccessfully)
            {
                return ValueTask.FromResult(true);
            }

            _next = reading.AsTask();
        }

        return WaitAsync(patience, cancellationToken);
    }

    /// <summary>Tells the server, within a second, that what lies before a place in the log is not needed any more.</summary>
    public void Acknowledge(long lsn)
    {
        if (lsn > _acknowledged)
        {
            _acknowledged = lsn;
            _log.SetReplicationStatus(new NpgsqlLogSequenceNumber((ulong)lsn));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync().ConfigureAwait(false);
        try
        {
            if (_next is not null)
            {
                await _next.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await _messages.DisposeAsync().ConfigureAwait(false);
            await _log.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            // The connection broke, or was cancelled: it is gone either way.
        }

        _ends.Dispose();
    }

    private async ValueTask<bool> WaitAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var next = _next!;
        if (!next.IsCompleted)
        {
            await next.WaitAsync(patience < TimeSpan.Zero ? TimeSpan.Zero : patience, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (!next.IsCompleted)
            {
                return false;
            }
        }

        await next.ConfigureAwait(false);
        _next = null;
        return true;
    }

    private async ValueTask ReadAsync()
    {
        if (!await _messages.MoveNextAsync().ConfigureAwait(false))
        {
            throw new NpgsqlException("The server has ended the replication.");
        }

        var message = _messages.Current;
        var length = checked((int)message.Data.Length);
        if (length > MaxMessage)
        {
            throw new SandboxException(ErrorCodes.CaptureRefused, $"A change takes {length} bytes in the log; the limit is {MaxMessage}.") { Limit = MaxMessage, Value = length };
        }

        if (length > _buffer.Length || (_buffer.Length > KeptBuffer && length <= KeptBuffer))
        {
            _buffer = new byte[Math.Max(length, 4_096)];
        }

        await message.Data.ReadExactlyAsync(_buffer.AsMemory(0, length)).ConfigureAwait(false);
        Length = length;
        At = (long)(ulong)message.WalStart;
    }
}
