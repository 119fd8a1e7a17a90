using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>
/// The pipelines of a SQLite database. Everything is in the database's file, which one silo has: what a pipeline has delivered is stored in the same
/// transaction as what its sink gets.
/// </summary>
internal sealed class SqliteChanges(RegionDatabase database) : ISqlChanges, IDisposable
{
    /// <summary>Changes that are counted at most to say how many a pipeline has not delivered.</summary>
    private const int MaxCounted = 10_000;

    /// <summary>Changes that are looked through to say how late a pipeline is.</summary>
    private const int MaxLooked = 1_000;

    /// <summary>Changes that are delivered, and their bytes, before it is looked what can be removed.</summary>
    private const long TrimRows = 1_000;
    private const long TrimBytes = 1 << 20;

    private const string Columns =
        "id, definition, revision, state, reason, position, changed_at, delivered, rate, dead, last_error, last_error_at, position_sum, since";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, SqliteChangeStream> _open = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _over = new();

    // Threads wait for the connection that writes; of those of pipelines one at a time.
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Lock _lock = new();
    private Task _trimming = Task.CompletedTask;
    private bool _isToTrim;
    private long _deliveredRows;
    private long _deliveredBytes;

    /// <summary>Raised when changes were committed.</summary>
    public ChangeSignal Signal { get; } = database.Signal;

    /// <summary>Ends when nothing is left that nobody needs.</summary>
    public Task Trimming
    {
        get
        {
            lock (_lock)
            {
                return _trimming;
            }
        }
    }

    public Task<bool> PutAsync(PipelineDefinition definition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return ChangeAsync(
            (connection, _) =>
            {
                Check(connection, definition);
                SqliteChangeLog.Make(connection);
                var json = JsonSerializer.Serialize(definition, SqlJsonContext.Default.PipelineDefinition);
                if (Find(connection, definition.Name) is { } before)
                {
                    connection.OwnChange(
                        $"UPDATE {SqliteChangeLog.Pipelines} SET definition = ?2, revision = revision + 1, state = ?3, reason = ?4 WHERE id = ?1",
                        before.Id,
                        json,
                        before.State == PipelineState.Lost ? PipelineStates.Word(PipelineState.Lost) : PipelineStates.Word(PipelineState.Running),
                        before.State == PipelineState.Lost ? before.Reason : null);
                    Capture(connection);
                    End(definition.Name, "was changed");
                    return false;
                }

                if (connection.OwnRows($"SELECT 1 FROM {SqliteChangeLog.Pipelines}").Count >= ISqlChanges.MaxPipelines)
                {
                    throw new SandboxException(ErrorCodes.InvalidParameter, $"The database has {ISqlChanges.MaxPipelines} pipelines already, which is the limit.") { Limit = ISqlChanges.MaxPipelines };
                }

                var (sequence, sum) = SqliteChangeLog.End(connection);
                connection.OwnChange(
                    $"INSERT INTO {SqliteChangeLog.Pipelines} (name, definition, revision, state, since, position, position_sum) VALUES (?1, ?2, 1, ?3, ?4, ?4, ?5)",
                    definition.Name,
                    json,
                    PipelineStates.Word(PipelineState.Running),
                    sequence,
                    sum);
                Capture(connection);
                if (definition.Snapshot)
                {
                    Snapshot(connection, Find(connection, definition.Name)!);
                }

                return true;
            },
            cancellationToken);
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        await ChangeAsync(
            name,
            (connection, pipeline, _) =>
            {
                connection.OwnChange($"DELETE FROM {SqliteChangeLog.Pipelines} WHERE id = ?1", pipeline.Id);
                connection.OwnChange($"DELETE FROM {SqliteChangeLog.Dead} WHERE pipeline = ?1", pipeline.Id);
                Capture(connection);
                End(name, "was removed");
                return true;
            },
            cancellationToken);
        Trim();
    }

    public Task<ImmutableArray<PipelineStatus>> ListAsync(CancellationToken cancellationToken) => LookAsync(
        connection =>
        {
            var pipelines = All(connection);
            var end = pipelines.Count == 0 ? default : SqliteChangeLog.End(connection);
            return pipelines.Select(pipeline => StatusOf(connection, pipeline, pipelines, end)).ToImmutableArray();
        },
        [],
        cancellationToken);

    public async Task<PipelineStatus> SwitchAsync(string name, PipelineState state, string? reason, long? revision, CancellationToken cancellationToken)
    {
        var status = await ChangeAsync(
            name,
            (connection, pipeline, _) =>
            {
                if ((revision is not null && revision != pipeline.Revision) || (state == pipeline.State && (reason == pipeline.Reason || state == PipelineState.Lost)))
                {
                    return StatusOf(connection, name);
                }

                if (pipeline.State == PipelineState.Lost)
                {
                    throw Unavailable($"Changes of the pipeline \"{name}\" are lost; it goes on with a new snapshot only.");
                }

                connection.OwnChange(
                    $"UPDATE {SqliteChangeLog.Pipelines} SET state = ?2, reason = ?3, revision = revision + 1 WHERE id = ?1", pipeline.Id, PipelineStates.Word(state), reason is null ? null : StoredText.Of(reason));
                Capture(connection);
                End(name, $"is {PipelineStates.Word(state)} now");
                return StatusOf(connection, name);
            },
            cancellationToken);
        if (state == PipelineState.Lost)
        {
            Trim();
        }

        return status;
    }

    public Task<PipelineStatus> ReplayAsync(string name, string from, CancellationToken cancellationToken) => ChangeAsync(
        name,
        (connection, pipeline, _) =>
        {
            var end = SqliteChangeLog.End(connection);
            var position = end.Sequence;
            if (from != ISqlChanges.FromSnapshot)
            {
                if (!long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out position) || position > end.Sequence)
                {
                    throw new SandboxException(ErrorCodes.InvalidParameter, $"\"{Quoted.Of(from)}\" is no position of the pipeline \"{name}\", and not \"{ISqlChanges.FromSnapshot}\".");
                }

                if (pipeline.State == PipelineState.Lost)
                {
                    throw Unavailable($"Changes of the pipeline \"{name}\" are lost; it goes on from \"{ISqlChanges.FromSnapshot}\" only.");
                }

                var oldest = Math.Max(pipeline.Since, SqliteChangeLog.Oldest(connection) - 1);
                if (position < oldest)
                {
                    throw Unavailable($"What came after {from} is not held any more for the pipeline \"{name}\"; the oldest position that can be had is {oldest}.");
                }
            }

            connection.OwnChange(
                $"UPDATE {SqliteChangeLog.Pipelines} SET state = ?2, reason = NULL, revision = revision + 1, position = ?3, position_sum = ?4 WHERE id = ?1",
                pipeline.Id,
                PipelineStates.Word(PipelineState.Running),
                position,
                SqliteChangeLog.SumAt(connection, position));
            Capture(connection);
            if (from == ISqlChanges.FromSnapshot)
            {
                Snapshot(connection, pipeline);
            }

            End(name, "delivers again");
            return StatusOf(connection, name);
        },
        cancellationToken);

    public async Task<IChangeStream?> TryOpenAsync(string name, CancellationToken cancellationToken)
    {
        if (_open.ContainsKey(name) || !File.Exists(database.Path))
        {
            return null;
        }

        // Nothing can change the pipeline between the look at it and the claim.
        return await ChangeAsync<IChangeStream?>(
            (connection, _) =>
            {
                if (!SqliteChangeLog.Exists(connection) || Find(connection, name) is not { State: PipelineState.Running } pipeline || _open.ContainsKey(name))
                {
                    return null;
                }

                var definition = pipeline.Definition;
                var reader = new SqliteChangeReader(database.Path, database.Region, database.Name, pipeline.Id, definition);
                var stream = new SqliteChangeStream(this, reader, definition, pipeline.Revision, pipeline.Position, pipeline.PositionSum);
                _open[name] = stream;
                return stream;
            },
            cancellationToken);
    }

    public async Task<ImmutableArray<DeadChange>> DeadAsync(string name, long after, int count, CancellationToken cancellationToken) => await LookAsync<ImmutableArray<DeadChange>?>(
        connection =>
        {
            var pipeline = Require(connection, name);
            var dead = ImmutableArray.CreateBuilder<DeadChange>();
            connection.OwnEach(
                $"SELECT id, event, code, message, at FROM {SqliteChangeLog.Dead} WHERE pipeline = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
                row => dead.Add(new DeadChange(
                    raw.sqlite3_column_int64(row, 0),
                    raw.sqlite3_column_blob(row, 1).ToArray(),
                    raw.sqlite3_column_text(row, 2).utf8_to_string(),
                    raw.sqlite3_column_text(row, 3).utf8_to_string(),
                    DateTimeOffset.FromUnixTimeMilliseconds(raw.sqlite3_column_int64(row, 4)))),
                pipeline.Id,
                after,
                count);
            return dead.ToImmutable();
        },
        null,
        cancellationToken) ?? throw NotFound(name);

    public Task<bool> SettleAsync(string name, long id, ImmutableArray<TableRecord> records, CancellationToken cancellationToken) => ChangeAsync(
        name,
        (connection, pipeline, patience) =>
        {
            if (connection.OwnChange($"DELETE FROM {SqliteChangeLog.Dead} WHERE pipeline = ?1 AND id = ?2", pipeline.Id, id) == 0)
            {
                return false;
            }

            connection.OwnChange($"UPDATE {SqliteChangeLog.Pipelines} SET dead = dead - 1 WHERE id = ?1", pipeline.Id);
            Apply(connection, pipeline.Definition, records, patience);
            return true;
        },
        cancellationToken);

    /// <summary>Stores what a stream has delivered.</summary>
    /// <returns>Bytes of all changes up to there.</returns>
    public async Task<long> CommitAsync(SqliteChangeStream stream, ChangeCommit commit, long position, CancellationToken cancellationToken)
    {
        var (sum, rows, bytes) = await ChangeAsync(
            (connection, patience) =>
            {
                var pipeline = RequireMine(connection, stream);
                if (pipeline.Dead + commit.Dead.Length > ISqlChanges.MaxDead)
                {
                    throw SandboxException.Breach(
                        ErrorCodes.DeadChangesFull, $"The pipeline \"{stream.Definition.Name}\" would have", ISqlChanges.MaxDead, pipeline.Dead + commit.Dead.Length, "dead changes");
                }

                if (position <= pipeline.Position)
                {
                    throw new InvalidOperationException($"The pipeline \"{stream.Definition.Name}\" has delivered up to {pipeline.Position} already, and would up to {position}.");
                }

                var end = SqliteChangeLog.SumAt(connection, position);
                connection.OwnChange(
                    $"""
                    UPDATE {SqliteChangeLog.Pipelines} SET position = ?2, position_sum = ?3, changed_at = ?4, delivered = delivered + ?5, rate = ?6,
                      dead = dead + ?7, dead_last = dead_last + ?7 WHERE id = ?1
                    """,
                    pipeline.Id,
                    position,
                    end,
                    commit.Last.ChangedAt.ToUnixTimeMilliseconds(),
                    commit.Delivered,
                    commit.Rate,
                    commit.Dead.Length);
                for (var i = 0; i < commit.Dead.Length; i++)
                {
                    var dead = commit.Dead[i];
                    connection.OwnChange(
                        $"INSERT INTO {SqliteChangeLog.Dead} VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                        pipeline.Id,
                        pipeline.DeadLast + i + 1,
                        dead.Event,
                        dead.Code,
                        StoredText.Of(dead.Message),
                        dead.At.ToUnixTimeMilliseconds());
                }

                Apply(connection, stream.Definition, commit.Records, patience);
                return (end, position - pipeline.Position, end - pipeline.PositionSum);
            },
            cancellationToken);
        if (Interlocked.Add(ref _deliveredRows, rows) >= TrimRows | Interlocked.Add(ref _deliveredBytes, bytes) >= TrimBytes)
        {
            Volatile.Write(ref _deliveredRows, 0);
            Volatile.Write(ref _deliveredBytes, 0);
            Trim();
        }

        return sum;
    }

    /// <summary>Stores that a stream has come to a place with nothing to deliver.</summary>
    public Task PassAsync(SqliteChangeStream stream, long position, CancellationToken cancellationToken) => ChangeAsync(
        (connection, _) => connection.OwnChange(
            $"UPDATE {SqliteChangeLog.Pipelines} SET position = ?2, position_sum = ?3 WHERE id = ?1",
            RequireMine(connection, stream).Id,
            position,
            SqliteChangeLog.SumAt(connection, position)),
        cancellationToken);

    /// <summary>Stores what went wrong.</summary>
    public Task NoteAsync(SqliteChangeStream stream, string error, CancellationToken cancellationToken) => ChangeAsync(
        (connection, _) => connection.OwnChange(
            $"UPDATE {SqliteChangeLog.Pipelines} SET last_error = ?2, last_error_at = ?3 WHERE id = ?1",
            RequireMine(connection, stream).Id,
            StoredText.Of(error),
            DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()),
        cancellationToken);

    /// <summary>Gives up a pipeline.</summary>
    /// <returns>Whether the stream had it still.</returns>
    public bool Leave(SqliteChangeStream stream) => _open.TryRemove(new KeyValuePair<string, SqliteChangeStream>(stream.Definition.Name, stream));

    public void Dispose()
    {
        _over.Cancel();
        foreach (var stream in _open.Values)
        {
            stream.End("The silo stops.");
        }

        Trimming.Wait();
    }

    private static void Check(RegionConnection connection, PipelineDefinition definition)
    {
        definition.RequireTables();
        var tables = definition.Tables.Select(table => SqliteCapture.Check(connection, table)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (definition.Sink?.Table is not { } sink)
        {
            return;
        }

        if (tables.Contains(sink))
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"\"{Quoted.Of(sink)}\" is the sink of its own changes.");
        }

        SqliteSink.Of(connection, sink, ErrorCodes.InvalidParameter);
    }

    private static void Apply(RegionConnection connection, PipelineDefinition definition, ImmutableArray<TableRecord> records, SqlPatience patience)
    {
        if (records.IsDefaultOrEmpty)
        {
            return;
        }

        if (definition.Sink?.Table is not { } table)
        {
            throw new SandboxException(ErrorCodes.SinkFailed, $"The sink of the pipeline \"{definition.Name}\" is no table.");
        }

        SqliteSink.Of(connection, table, ErrorCodes.SinkFailed).Apply(connection, records, patience);
    }

    /// <summary>Captures what the pipelines need.</summary>
    private static void Capture(RegionConnection connection) => SqliteCapture.Set(
        connection,
        All(connection).Where(pipeline => pipeline.State != PipelineState.Lost).SelectMany(pipeline => pipeline.Definition.Tables).Distinct(StringComparer.OrdinalIgnoreCase));

    private static void Snapshot(RegionConnection connection, Pipeline pipeline)
    {
        var definition = pipeline.Definition;
        connection.Capture.MaxAdded = (long)definition.MaxRetainedMiB << 20;
        try
        {
            foreach (var table in definition.Tables.Distinct(StringComparer.OrdinalIgnoreCase))
            {
                SqliteCapture.Snapshot(connection, table, pipeline.Id);
            }
        }
        catch (StatementException) when (connection.Capture.IsBeyond)
        {
            throw new SandboxException(
                ErrorCodes.InvalidParameter,
                $"The rows that are there are more than the {definition.MaxRetainedMiB} MiB that may be held for the pipeline; have it begin without them (snapshot never), or hold more.")
            {
                Limit = definition.MaxRetainedMiB,
            };
        }
        finally
        {
            connection.Capture.MaxAdded = long.MaxValue;
        }

        ReadOnlyMemory<byte> last = default;
        var at = 0L;
        connection.OwnEach(
            $"SELECT seq, data FROM {SqliteChangeLog.Changes} WHERE pipeline = ?1 AND seq = (SELECT max(seq) FROM {SqliteChangeLog.Changes})",
            row => (at, last) = (raw.sqlite3_column_int64(row, 0), raw.sqlite3_column_blob(row, 1).ToArray()),
            pipeline.Id);
        if (at > 0)
        {
            var data = last.ToArray();
            (LoggedChange.Read(data) with { IsLast = true }).Write(data);
            connection.OwnChange($"UPDATE {SqliteChangeLog.Changes} SET data = ?2 WHERE seq = ?1", at, (ReadOnlyMemory<byte>)data);
        }
    }

    private static List<Pipeline> All(RegionConnection connection) => Read(connection, "ORDER BY name");

    private static Pipeline? Find(RegionConnection connection, string name) => Read(connection, "WHERE name = ?1", name).FirstOrDefault();

    private static Pipeline Require(RegionConnection connection, string name) =>
        (SqliteChangeLog.Exists(connection) ? Find(connection, name) : null) ?? throw NotFound(name);

    private static Mine RequireMine(RegionConnection connection, SqliteChangeStream stream)
    {
        stream.ThrowIfEnded();
        Mine? mine = null;
        connection.OwnEach(
            $"SELECT id, position, position_sum, dead, dead_last FROM {SqliteChangeLog.Pipelines} WHERE name = ?1 AND revision = ?2 AND state = ?3",
            row => mine = new Mine(
                raw.sqlite3_column_int64(row, 0), raw.sqlite3_column_int64(row, 1), raw.sqlite3_column_int64(row, 2), raw.sqlite3_column_int64(row, 3), raw.sqlite3_column_int64(row, 4)),
            stream.Definition.Name,
            stream.Revision,
            PipelineStates.Word(PipelineState.Running));
        return mine ?? throw new PipelineEndedException($"The pipeline \"{stream.Definition.Name}\" is not what it was.");
    }

    private static List<Pipeline> Read(RegionConnection connection, string which, params object?[] parameters)
    {
        var pipelines = new List<Pipeline>();
        connection.OwnEach(
            $"SELECT {Columns} FROM {SqliteChangeLog.Pipelines} {which}",
            row => pipelines.Add(new Pipeline(
                raw.sqlite3_column_int64(row, 0),
                JsonSerializer.Deserialize(raw.sqlite3_column_blob(row, 1), SqlJsonContext.Default.PipelineDefinition)!,
                raw.sqlite3_column_int64(row, 2),
                PipelineStates.Read(raw.sqlite3_column_text(row, 3).utf8_to_string()),
                raw.sqlite3_column_text(row, 4).utf8_to_string(),
                raw.sqlite3_column_int64(row, 5),
                Moment(row, 6),
                raw.sqlite3_column_int64(row, 7),
                raw.sqlite3_column_double(row, 8),
                raw.sqlite3_column_int64(row, 9),
                raw.sqlite3_column_text(row, 10).utf8_to_string(),
                Moment(row, 11),
                raw.sqlite3_column_int64(row, 12),
                raw.sqlite3_column_int64(row, 13))),
            parameters);
        return pipelines;

        static DateTimeOffset? Moment(sqlite3_stmt row, int column) => raw.sqlite3_column_type(row, column) == raw.SQLITE_NULL
            ? null
            : DateTimeOffset.FromUnixTimeMilliseconds(raw.sqlite3_column_int64(row, column));
    }

    private PipelineStatus StatusOf(RegionConnection connection, string name)
    {
        var all = All(connection);
        return StatusOf(connection, all.First(pipeline => pipeline.Definition.Name == name), all, SqliteChangeLog.End(connection));
    }

    private PipelineStatus StatusOf(RegionConnection connection, Pipeline pipeline, List<Pipeline> all, (long Sequence, long Sum) end)
    {
        var stream = _open.GetValueOrDefault(pipeline.Definition.Name);
        var position = Math.Max(pipeline.Position, stream?.Passed ?? 0);
        var (rows, seconds) = position >= end.Sequence || pipeline.State == PipelineState.Lost ? (0, 0) : LagOf(connection, pipeline, position, all, end.Sequence);
        var bytes = position >= end.Sequence || pipeline.State == PipelineState.Lost ? 0 : end.Sum - Math.Max(pipeline.PositionSum, stream?.PassedSum ?? 0);
        return new PipelineStatus
        {
            Definition = pipeline.Definition,
            Revision = pipeline.Revision,
            State = pipeline.State,
            Reason = pipeline.Reason,
            Position = pipeline.ChangedAt is null ? null : pipeline.Position.ToString(CultureInfo.InvariantCulture),
            Delivered = pipeline.Delivered,
            Dead = pipeline.Dead,
            Rate = pipeline.Rate,
            LastError = pipeline.LastError,
            LastErrorAt = pipeline.LastErrorAt,
            ChangedAt = pipeline.ChangedAt,
            LagBytes = bytes,
            LagRows = rows,
            LagSeconds = seconds,
            RetainedBytes = bytes,
            IsTaken = stream is not null,
        };
    }

    private static (long? Rows, double Seconds) LagOf(RegionConnection connection, Pipeline pipeline, long position, List<Pipeline> all, long end)
    {
        var tables = JsonSerializer.Serialize([.. pipeline.Definition.Tables], SqlJsonContext.Default.StringArray);
        const string Mine = "(pipeline IS NULL OR pipeline = ?2) AND table_name COLLATE NOCASE IN (SELECT value FROM json_each(?3))";
        var seconds = 0d;
        connection.OwnEach(
            $"SELECT data FROM (SELECT * FROM {SqliteChangeLog.Changes} WHERE seq > ?1 ORDER BY seq LIMIT {MaxLooked}) WHERE {Mine} LIMIT 1",
            row => seconds = Math.Max(0, (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - LoggedChange.Read(raw.sqlite3_column_blob(row, 0)).At) / 1_000d),
            position,
            pipeline.Id,
            tables);
        long? rows = end - position <= MaxCounted
            ? SqliteChangeLog.Number(connection.OwnRows($"SELECT count(*) FROM {SqliteChangeLog.Changes} WHERE seq > ?1 AND {Mine}", position, pipeline.Id, tables)[0][0])
            : all.Count == 1 ? end - position : null;
        return (rows, seconds);
    }

    private void End(string name, string what)
    {
        if (_open.TryGetValue(name, out var stream))
        {
            stream.End($"The pipeline \"{name}\" {what}.");
        }
    }

    private void Trim()
    {
        lock (_lock)
        {
            _isToTrim = true;
            if (_trimming.IsCompleted && !_over.IsCancellationRequested)
            {
                _trimming = Task.Run(TrimAsync);
            }
        }
    }

    private async Task TrimAsync()
    {
        while (true)
        {
            lock (_lock)
            {
                if (!_isToTrim)
                {
                    _trimming = Task.CompletedTask;
                    return;
                }

                _isToTrim = false;
            }

            try
            {
                while (await ChangeAsync((connection, _) => SqliteChangeLog.Trim(connection), _over.Token))
                {
                }
            }
            catch (Exception e) when (e is SandboxException or OperationCanceledException)
            {
                // The next one that has delivered something tries again.
            }
        }
    }

    /// <summary>Changes a pipeline that is there; where there has never been one, no file is made to look for it.</summary>
    private Task<T> ChangeAsync<T>(string name, Func<RegionConnection, Pipeline, SqlPatience, T> change, CancellationToken cancellationToken) => File.Exists(database.Path)
        ? ChangeAsync((connection, patience) => change(connection, Require(connection, name), patience), cancellationToken)
        : Task.FromException<T>(NotFound(name));

    private async Task<T> ChangeAsync<T>(Func<RegionConnection, SqlPatience, T> change, CancellationToken cancellationToken)
    {
        var patience = SqlPatience.For(Patience, cancellationToken);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => database.Change(patience, connection => change(connection, patience)), CancellationToken.None);
        }
        catch (SandboxException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<T> LookAsync<T>(Func<RegionConnection, T> look, T nothing, CancellationToken cancellationToken) => !File.Exists(database.Path)
        ? nothing
        : await Task.Run(
            () => database.Look(SqlPatience.For(Patience, cancellationToken), connection => SqliteChangeLog.Exists(connection) ? look(connection) : nothing), CancellationToken.None);

    private static SandboxException NotFound(string name) => new(ErrorCodes.PipelineNotFound, $"There is no pipeline \"{Quoted.Of(name)}\".");

    private static SandboxException Unavailable(string message) => new(ErrorCodes.PositionUnavailable, message);

    private sealed record Pipeline(
        long Id,
        PipelineDefinition Definition,
        long Revision,
        PipelineState State,
        string? Reason,
        long Position,
        DateTimeOffset? ChangedAt,
        long Delivered,
        double Rate,
        long Dead,
        string? LastError,
        DateTimeOffset? LastErrorAt,
        long PositionSum,
        long Since);

    private sealed record Mine(long Id, long Position, long PositionSum, long Dead, long DeadLast);
}
