using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using Npgsql;

namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>
/// The changes of a pipeline that runs here. One session, the keeper's, holds the lock by which no other silo has the pipeline and commits what is delivered,
/// so that nothing can be committed once the lock is lost. A change about several rows, TRUNCATE or one of a key, is alone in its batch: what comes in another
/// order by key cannot pass it.
/// </summary>
internal sealed class PostgresChangeStream : IChangeStream
{
    /// <summary>Bytes of the log before what is delivered that the server still holds, so that they can be delivered again.</summary>
    public const long HeldBack = 16 << 20;

    /// <summary>Bytes of the log without a change for the pipeline after which it is stored how far that is known.</summary>
    // What a hundred idle pipelines write of themselves, one after the other, stays below it: otherwise each would have the others write again.
    public const long SeenStep = 256 << 10;

    /// <summary>How often the server is told that the keeper's session is still somebody's.</summary>
    private static readonly TimeSpan SaySoInterval = TimeSpan.FromSeconds(2);

    /// <summary>How often a stream without changes looks whether its pipeline is still to run.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>Milliseconds for which what is on its way is waited for: a batch of what happens to be in the connection's buffer would be of a few changes.</summary>
    private const int Linger = 2;

    private const string Mine = "region = $1 AND name = $2 AND revision = $3 AND state = 'running'";

    private readonly PostgresCapture _capture;
    private readonly string _database;
    private readonly string _region;
    private readonly PipelineRow _row;
    private readonly NpgsqlConnection _keeper;
    private readonly TableSink? _sink;
    private readonly ChangeDecoder _decoder;
    private SnapshotReader? _snapshot;
    private NpgsqlTransaction? _snapshotCommits;
    private long _snapshotRead;
    private long _snapshotDelivered;
    private long _snapshotDead;
    private WalReader? _wal;

    // Up to where changes are delivered, as the database has it, and up to where they were read.
    private ChangePosition? _position;
    private ChangePosition? _lastRead;

    // What the database was told that need not be held, and up to where it was told that the log is known.
    private long _floor;
    private long _stored;
    private long _seen;
    private long _looked;
    private long _pendingSince;
    private int _isDisposed;

    // Entered by who uses the keeper: one at a time can.
    private readonly SemaphoreSlim _keeping = new(1);
    private readonly CancellationTokenSource _ends = new();
    private Task _sayingSo = Task.CompletedTask;

    // A change that is written and not ended, for it is not known yet whether it ends its transaction; and a message that is for the next batch.
    private bool _isOpen;
    private ulong _openKey;
    private bool _isAlone;
    private bool _isHeld;

    private PostgresChangeStream(PostgresCapture capture, string database, string region, PipelineRow row, NpgsqlConnection keeper, TableSink? sink)
    {
        (_capture, _database, _region, _row, _keeper, _sink) = (capture, database, region, row, keeper, sink);
        _decoder = new ChangeDecoder(capture.Types, database, keeper.Database);
        _position = row.Position;
        _floor = Math.Max(row.Floor, row.Confirmed);
        _stored = _seen = row.Seen;
    }

    public PipelineDefinition Definition => _row.Definition;

    public long Revision => _row.Revision;

    /// <summary>Up to where nothing in the log is left for it.</summary>
    public long Seen => Interlocked.Read(ref _seen);

    /// <summary>When the oldest change was committed that was read and is not delivered; null for none.</summary>
    public DateTimeOffset? PendingSince => Interlocked.Read(ref _pendingSince) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    private string Name => _row.Definition.Name;

    /// <summary>Opens the stream of a pipeline whose lock the keeper has, and whose slot nobody has. The keeper is the stream's then.</summary>
    /// <returns>Null where the pipeline has just been changed.</returns>
    public static async Task<PostgresChangeStream?> OpenAsync(
        PostgresCapture capture, string database, string region, PipelineRow row, NpgsqlConnection keeper, CancellationToken cancellationToken)
    {
        var sink = await TableSink.OpenAsync(keeper, capture.Types, row.Definition, cancellationToken).ConfigureAwait(false);
        var stream = new PostgresChangeStream(capture, database, region, row, keeper, sink);
        if (!row.IsSnapshotDue)
        {
            await stream.OpenLogAsync(cancellationToken).ConfigureAwait(false);
        }
        else if (!await stream.BeginSnapshotAsync(cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        capture.Streams[(region, row.Definition.Name)] = stream;
        stream._sayingSo = stream.SaySoAsync();
        return stream;
    }

    public async Task ReadAsync(ChangeBatch batch, int maxBytes, CancellationToken cancellationToken)
    {
        batch.Clear();
        _isOpen = _isAlone = false;
        try
        {
            if (_snapshot is { HasRow: true } snapshot)
            {
                await ReadSnapshotAsync(snapshot, batch, maxBytes, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await ReadLogAsync(batch, maxBytes, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (PostgresErrors.IsOne(e) && !cancellationToken.IsCancellationRequested)
        {
            throw await KeepingAsync(() => ExplainAsync(e, cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        _lastRead = batch[^1].Position;
        Interlocked.CompareExchange(ref _pendingSince, batch[0].ChangedAt.UtcTicks, 0);
    }

    public async Task CommitAsync(ChangeCommit commit, CancellationToken cancellationToken)
    {
        try
        {
            await KeepingAsync(
                () => _snapshot is null ? StoreAsync(commit, cancellationToken) : StoreSnapshotAsync(_snapshot, commit, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresErrors.IsOne(e) && !cancellationToken.IsCancellationRequested)
        {
            throw SqlFailure.Of(PostgresErrors.Of(e));
        }

        _position = commit.Last.Position;
        Interlocked.Exchange(ref _pendingSince, _position == _lastRead ? 0 : commit.Last.ChangedAt.UtcTicks);
    }

    public async Task NoteAsync(string error, CancellationToken cancellationToken)
    {
        // Not by the keeper: while a snapshot is taken, all that it does is one transaction.
        await using var connection = await _capture.OpenAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var changed = await PipelineTable.ExecuteAsync(
                connection,
                $"UPDATE {PipelineTable.Pipelines} SET last_error = $4, last_error_at = pg_catalog.now() WHERE {Mine}",
                cancellationToken,
                _region,
                Name,
                Revision,
                StoredText.Of(error)).ConfigureAwait(false);
            if (changed == 0)
            {
                throw Ended();
            }
        }
        catch (Exception e) when (PostgresErrors.IsOne(e) && !cancellationToken.IsCancellationRequested)
        {
            throw SqlFailure.Of(PostgresErrors.Of(e));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        _capture.Streams.TryRemove(new KeyValuePair<(string, string), PostgresChangeStream>((_region, Name), this));
        await _ends.CancelAsync().ConfigureAwait(false);
        await _sayingSo.ConfigureAwait(false);
        if (_wal is not null)
        {
            await _wal.DisposeAsync().ConfigureAwait(false);
        }

        if (_snapshot is not null)
        {
            await _snapshot.DisposeAsync().ConfigureAwait(false);
        }

        try
        {
            // Last, as the lock ends with it. What was not committed is undone.
            await _keeper.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            // It broke: it is gone either way.
        }

        _keeping.Dispose();
        _ends.Dispose();
    }

    private static PipelineEndedException Ended() => new("The pipeline was changed, paused or removed.");

    /// <summary>Where a pipeline is that has delivered nothing but a snapshot: what comes next may end just where the snapshot was taken.</summary>
    private static ChangePosition Behind(SnapshotReader snapshot) => new(snapshot.Start - 1, long.MaxValue);

    private Task KeepingAsync(Func<Task> work, CancellationToken cancellationToken) => KeepingAsync(
        async () =>
        {
            await work().ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    private async Task<T> KeepingAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await _keeping.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await work().ConfigureAwait(false);
        }
        finally
        {
            _keeping.Release();
        }
    }

    /// <summary>Keeps the session while a guest runs, or what failed is waited for.</summary>
    private async Task SaySoAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(SaySoInterval, _ends.Token).ConfigureAwait(false);
                await KeepingAsync(() => PipelineTable.ExecuteAsync(_keeper, "SELECT 1", _ends.Token), _ends.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (PostgresErrors.IsOne(e) || e is InvalidOperationException)
        {
            // The stream ends, or the session has ended, which the next commit meets as well.
        }
    }

    private async Task OpenLogAsync(CancellationToken cancellationToken)
    {
        var from = Math.Max(_floor, _position is { } position ? PipelineRow.NeedOf(position) : 0);
        _wal = await WalReader.OpenAsync(_capture, _row.Slot, from, cancellationToken).ConfigureAwait(false);
        _wal.Acknowledge(_floor);
    }

    private async Task<bool> BeginSnapshotAsync(CancellationToken cancellationToken)
    {
        // Of a snapshot that did not come to its end, or of what was before it.
        await CaptureServer.DropSlotAsync(_keeper, _row.Slot, cancellationToken).ConfigureAwait(false);
        var isMine = false;
        try
        {
            _snapshot = await SnapshotReader.OpenAsync(_capture, _database, _row.Slot, Definition.Tables, cancellationToken).ConfigureAwait(false);
            isMine = await PipelineTable.ExecuteAsync(
                _keeper,
                $"UPDATE {PipelineTable.Pipelines} SET is_made = true, floor = $4, seen = $4, seen_at = pg_catalog.now() WHERE {Mine}",
                cancellationToken,
                _region,
                Name,
                Revision,
                _snapshot.Start).ConfigureAwait(false) > 0;
            _floor = _stored = _seen = _snapshot.Start;
            return isMine;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.ConfigurationLimitExceeded or PostgresErrorCodes.ObjectNotInPrerequisiteState or PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new SandboxException(ErrorCodes.CaptureRefused, $"The snapshot cannot be taken: {PostgresErrors.Of(e).Message}", e);
        }
        catch (SandboxException e) when (e.Code == ErrorCodes.InvalidParameter)
        {
            throw new SandboxException(ErrorCodes.CaptureRefused, $"The snapshot cannot be taken: {e.Message}", e);
        }
        finally
        {
            if (!isMine)
            {
                if (_snapshot is not null)
                {
                    await _snapshot.DisposeAsync().ConfigureAwait(false);
                }

                if (_keeper.State == System.Data.ConnectionState.Open)
                {
                    await CaptureServer.DropSlotAsync(_keeper, _row.Slot, CancellationToken.None).ConfigureAwait(false);
                }
            }
        }
    }

    private async Task ReadSnapshotAsync(SnapshotReader snapshot, ChangeBatch batch, int maxBytes, CancellationToken cancellationToken)
    {
        while (snapshot.HasRow && batch.Count < Definition.MaxRows && (batch.Count == 0 || batch.Bytes < maxBytes))
        {
            var key = snapshot.Write(batch);
            batch.End(new Change(snapshot.IsLast ? Behind(snapshot) : new ChangePosition(snapshot.Start - 1, ++_snapshotRead), key, snapshot.TakenAt));
            await snapshot.AdvanceAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReadLogAsync(ChangeBatch batch, int maxBytes, CancellationToken cancellationToken)
    {
        if (_snapshot is not null && _lastRead is null)
        {
            // The tables are empty.
            await KeepingAsync(() => EndSnapshotAsync(_snapshot, null, cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        if (_wal is null)
        {
            await OpenLogAsync(cancellationToken).ConfigureAwait(false);
        }

        var wal = _wal!;
        _decoder.Tick();
        for (long deadline = 0; ;)
        {
            var patience = LookInterval;
            if (batch.Count > 0 || _isOpen)
            {
                deadline = deadline == 0 ? Stopwatch.GetTimestamp() + (Math.Max(Definition.MaxWaitMs, Linger) * Stopwatch.Frequency / 1_000) : deadline;
                patience = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), deadline);
                if (patience <= TimeSpan.Zero)
                {
                    End(batch, isWhole: false);
                    return;
                }
            }
            else if (Stopwatch.GetElapsedTime(_looked) >= LookInterval)
            {
                await KeepingAsync(() => LookAsync(wal, cancellationToken), cancellationToken).ConfigureAwait(false);
            }

            if (!_isHeld)
            {
                if (!await wal.NextAsync(patience, cancellationToken).ConfigureAwait(false))
                {
                    // Either the deadline is over, or it is time to look.
                    continue;
                }

                if (batch.Count == 0 && !_isOpen)
                {
                    _decoder.Tick();
                }
            }

            _isHeld = false;
            if (await TakeAsync(wal, batch, maxBytes, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    /// <summary>Takes the message at hand.</summary>
    /// <returns>Whether the batch is full.</returns>
    private async ValueTask<bool> TakeAsync(WalReader wal, ChangeBatch batch, int maxBytes, CancellationToken cancellationToken)
    {
        switch ((char)wal.Message[0])
        {
            case 'B':
                _decoder.Begin(wal.Message, _lastRead ?? _position);
                return false;
            case 'C':
                _decoder.End();
                End(batch, isWhole: true);
                return batch.Count > 0 && (_isAlone || IsFull(batch, maxBytes));
            case 'R':
                await KeepingAsync(() => _decoder.LearnAsync(wal.Buffer, _keeper, cancellationToken), cancellationToken).ConfigureAwait(false);
                return false;
            case 'O' or 'Y' or 'M':
                return false;
            default:
                return TakeRows(wal, batch, maxBytes);
        }
    }

    private bool TakeRows(WalReader wal, ChangeBatch batch, int maxBytes)
    {
        _decoder.Take(wal.Message);
        for (var i = 0; i < _decoder.Events; i++)
        {
            if (_decoder.IsDone(i))
            {
                continue;
            }

            End(batch, isWhole: false);
            if (batch.Count > 0 && (_isAlone || _decoder.IsBarrier || IsFull(batch, maxBytes)))
            {
                return _isHeld = true;
            }

            _isAlone = _decoder.IsBarrier;
            _openKey = _decoder.Write(batch, i, wal.At, wal.Message);
            _isOpen = true;
        }

        _decoder.Pass();
        return false;
    }

    private bool IsFull(ChangeBatch batch, int maxBytes) => batch.Count >= Definition.MaxRows || batch.Bytes >= maxBytes;

    private void End(ChangeBatch batch, bool isWhole)
    {
        if (_isOpen)
        {
            _isOpen = false;
            batch.End(new Change(new ChangePosition(_decoder.Commit, isWhole ? long.MaxValue : _decoder.Done), _openKey, _decoder.CommittedAt));
        }
    }

    /// <summary>
    /// Looks whether the pipeline is still to run. Where all that was read is delivered, what the server has looked through without a change for it counts as
    /// delivered too: otherwise it would hold the log for as long as only other tables change.
    /// </summary>
    private async Task LookAsync(WalReader wal, CancellationToken cancellationToken)
    {
        _looked = Stopwatch.GetTimestamp();
        var isIdle = _snapshot is null && !_decoder.IsInside && (_lastRead is null || _lastRead == _position);
        var seen = isIdle ? Math.Max(_seen, wal.Received) : _seen;
        if (seen - _stored < SeenStep)
        {
            if (await PipelineTable.ValueAsync(_keeper, $"SELECT true FROM {PipelineTable.Pipelines} WHERE {Mine}", cancellationToken, _region, Name, Revision).ConfigureAwait(false) is not true)
            {
                throw Ended();
            }
        }
        else
        {
            var floor = Math.Max(_floor, seen - HeldBack);
            ChangePosition? position = _position is null ? null : new ChangePosition(seen - 1, long.MaxValue);
            var changed = await PipelineTable.ExecuteAsync(
                _keeper,
                $"UPDATE {PipelineTable.Pipelines} SET commit_lsn = $4, commit_index = $5, seen = $6, seen_at = pg_catalog.now(), floor = $7 WHERE {Mine}",
                cancellationToken,
                _region,
                Name,
                Revision,
                Number(position?.Commit),
                Number(position?.Index),
                seen,
                floor).ConfigureAwait(false);
            if (changed == 0)
            {
                throw Ended();
            }

            _position = position;
            _lastRead = position;
            _stored = seen;
            Hold(floor);
        }

        Interlocked.Exchange(ref _seen, seen);

        static NpgsqlParameter Number(long? value) => new() { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint };
    }

    private async Task StoreAsync(ChangeCommit commit, CancellationToken cancellationToken)
    {
        var at = commit.Last.Position;
        var floor = Math.Max(_floor, at.Commit - HeldBack);
        await using var transaction = await _keeper.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await StoreAsync(
            [
                Command(
                    $"""
                    UPDATE {PipelineTable.Pipelines} SET commit_lsn = $4, commit_index = $5, seen = greatest(seen, $4), seen_at = pg_catalog.now(), floor = greatest(floor, $6),
                        delivered = delivered + $7, dead = dead + $8, rate = $9, changed_at = $10
                    WHERE {Mine} RETURNING dead
                    """,
                    _region,
                    Name,
                    Revision,
                    at.Commit,
                    at.Index,
                    floor,
                    (long)commit.Delivered,
                    (long)commit.Dead.Length,
                    commit.Rate,
                    commit.Last.ChangedAt.ToUniversalTime()),
            ],
            commit,
            0,
            cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        _stored = Math.Max(_stored, at.Commit);
        Interlocked.Exchange(ref _seen, Math.Max(_seen, at.Commit));
        Hold(floor);
    }

    private async Task StoreSnapshotAsync(SnapshotReader snapshot, ChangeCommit commit, CancellationToken cancellationToken)
    {
        // All of a snapshot is one transaction: one that does not come to its end begins anew, and nobody has seen anything of it. What the pipeline's row says
        // is changed at the end, so that it can be paused and removed meanwhile.
        _snapshotCommits ??= await _keeper.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await PipelineTable.ExecuteAsync(_keeper, "SAVEPOINT helios_commit", cancellationToken).ConfigureAwait(false);
        try
        {
            await StoreAsync(
                [Command($"SELECT dead FROM {PipelineTable.Pipelines} WHERE {Mine}", _region, Name, Revision)], commit, _snapshotDead + commit.Dead.Length, cancellationToken).ConfigureAwait(false);
        }
        catch (SandboxException)
        {
            await PipelineTable.ExecuteAsync(_keeper, "ROLLBACK TO SAVEPOINT helios_commit", cancellationToken).ConfigureAwait(false);
            throw;
        }

        await PipelineTable.ExecuteAsync(_keeper, "RELEASE SAVEPOINT helios_commit", cancellationToken).ConfigureAwait(false);
        _snapshotDelivered += commit.Delivered;
        _snapshotDead += commit.Dead.Length;
        if (commit.Last.Position == Behind(snapshot))
        {
            await EndSnapshotAsync(snapshot, commit, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task EndSnapshotAsync(SnapshotReader snapshot, ChangeCommit? last, CancellationToken cancellationToken)
    {
        var at = Behind(snapshot);
        _snapshotCommits ??= await _keeper.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var changed = await PipelineTable.ExecuteAsync(
            _keeper,
            $"""
            UPDATE {PipelineTable.Pipelines} SET is_snapshot_due = false, commit_lsn = $4, commit_index = $5, seen = $4, seen_at = pg_catalog.now(),
                delivered = delivered + $6, dead = dead + $7, rate = $8, changed_at = coalesce($9, changed_at)
            WHERE {Mine}
            """,
            cancellationToken,
            _region,
            Name,
            Revision,
            at.Commit,
            at.Index,
            _snapshotDelivered,
            _snapshotDead,
            last?.Rate ?? 0,
            new NpgsqlParameter { Value = last?.Last.ChangedAt.ToUniversalTime() ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz }).ConfigureAwait(false);
        if (changed == 0)
        {
            throw Ended();
        }

        await _snapshotCommits.CommitAsync(cancellationToken).ConfigureAwait(false);
        await _snapshotCommits.DisposeAsync().ConfigureAwait(false);
        await snapshot.DisposeAsync().ConfigureAwait(false);
        _snapshot = null;
        _position = at;
    }

    /// <summary>Stores what was not taken and what a table gets, in the transaction that is under way.</summary>
    /// <param name="batch">Begins with what returns how many changes are dead, or no row where the pipeline is not this stream's any more.</param>
    /// <param name="commit">What is delivered.</param>
    /// <param name="moreDead">Changes that are dead and not counted yet.</param>
    /// <param name="cancellationToken">Ends it.</param>
    private async Task StoreAsync(ImmutableArray<NpgsqlBatchCommand> batch, ChangeCommit commit, long moreDead, CancellationToken cancellationToken)
    {
        await using var all = _keeper.CreateBatch();
        foreach (var command in batch)
        {
            all.BatchCommands.Add(command);
        }

        if (!commit.Dead.IsDefaultOrEmpty)
        {
            all.BatchCommands.Add(Command(
                $"""
                INSERT INTO {PipelineTable.Dead} (region, name, event, code, message, at)
                SELECT $1, $2, d.event, d.code, d.message, d.at
                FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6)) WITH ORDINALITY AS d (event, code, message, at, number)
                ORDER BY d.number
                """,
                _region,
                Name,
                commit.Dead.Select(dead => Encoding.UTF8.GetString(dead.Event.Span)).ToArray(),
                commit.Dead.Select(dead => dead.Code).ToArray(),
                commit.Dead.Select(dead => StoredText.Of(dead.Message)).ToArray(),
                commit.Dead.Select(dead => dead.At.ToUniversalTime()).ToArray()));
        }

        var first = all.BatchCommands.Count;
        TableSink.Append(_sink, all, commit.Records);
        long? dead = null;
        try
        {
            await using var reader = await all.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            if (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                dead = reader.GetInt64(0) + moreDead;
            }

            while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
            {
                // An error of any of them is thrown here.
            }
        }
        catch (PostgresException e) when (_sink?.Explain(e, all, first) is { } failed)
        {
            throw failed;
        }

        if (dead is null)
        {
            throw Ended();
        }

        if (dead > ISqlChanges.MaxDead && commit.Dead.Length > 0)
        {
            throw new SandboxException(ErrorCodes.DeadChangesFull, $"The pipeline has {dead - commit.Dead.Length} dead changes; the limit is {ISqlChanges.MaxDead}.")
            {
                Limit = ISqlChanges.MaxDead,
                Value = dead,
            };
        }
    }

    /// <summary>Has the server hold nothing before a place in the log.</summary>
    private void Hold(long floor)
    {
        _floor = floor;
        _wal?.Acknowledge(floor);
    }

    /// <summary>Why a read failed: the pipeline may have been changed, or what is held for it given up, which the server tells only by an error about something else.</summary>
    private async Task<Exception> ExplainAsync(Exception e, CancellationToken cancellationToken)
    {
        var error = SqlFailure.Of(PostgresErrors.Of(e));
        if (e is not PostgresException postgres || _snapshotCommits is not null || _keeper.State != System.Data.ConnectionState.Open)
        {
            return error;
        }

        try
        {
            var rows = await PipelineTable.ReadAsync(_keeper, _region, Name, cancellationToken).ConfigureAwait(false);
            return rows is not [{ State: PipelineState.Running } row] || row.Revision != Revision ? Ended()
                : row.WhyLost is { } lost ? new PipelineEndedException(lost)
                : postgres.SqlState is PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.ObjectNotInPrerequisiteState
                    ? new SandboxException(ErrorCodes.CaptureRefused, $"The log cannot be read: {error.Message}. Where its publication {_row.Slot} is gone, put the pipeline again.", e)
                : error;
        }
        catch (Exception again) when (PostgresErrors.IsOne(again) && !cancellationToken.IsCancellationRequested)
        {
            return error;
        }
    }

    private static NpgsqlBatchCommand Command(string sql, params object[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(PipelineTable.ParameterOf(parameter));
        }

        return command;
    }
}
