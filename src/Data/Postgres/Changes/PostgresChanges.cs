using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using Npgsql;

namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>
/// The pipelines of a PostgreSQL database in a region. Each has a publication, which says which tables it gets, and a replication slot, which has the server
/// keep the log for it.
/// </summary>
internal sealed class PostgresChanges(string database, PostgresCapture capture, string region) : ISqlChanges
{
    private const string Unmade = "Its replication slot was not made yet; where this stays, put it again.";
    private const string This = "region = $1 AND name = $2";

    public async Task<bool> PutAsync(PipelineDefinition definition, CancellationToken cancellationToken) => await ChangeAsync(
        async connection =>
        {
            var there = await FindAsync(connection, definition.Name, cancellationToken).ConfigureAwait(false);
            await CaptureServer.CheckAsync(connection, there is not { HasSlot: true }, cancellationToken).ConfigureAwait(false);
            var tables = await CapturedTables.CheckAsync(connection, definition, cancellationToken).ConfigureAwait(false);
            var slot = PipelineNames.SlotOf(await NameAsync(connection, cancellationToken).ConfigureAwait(false), region, definition.Name);
            await CaptureServer.FindAsync(connection, slot, cancellationToken).ConfigureAwait(false);
            await PrepareAsync(connection, cancellationToken).ConfigureAwait(false);
            if (there is null)
            {
                await AddAsync(connection, definition, tables, slot, cancellationToken).ConfigureAwait(false);
                return true;
            }

            await ReplaceAsync(connection, definition, tables, there, cancellationToken).ConfigureAwait(false);
            return false;
        },
        cancellationToken).ConfigureAwait(false);

    public Task DeleteAsync(string name, CancellationToken cancellationToken) => ChangeAsync(
        async connection =>
        {
            var row = await RequireAsync(connection, name, cancellationToken).ConfigureAwait(false);
            await using (var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false))
            {
                await PipelineTable.ExecuteAsync(connection, $"DELETE FROM {PipelineTable.Pipelines} WHERE {This}", cancellationToken, region, name).ConfigureAwait(false);
                await PipelineTable.ExecuteAsync(connection, $"DELETE FROM {PipelineTable.Dead} WHERE {This}", cancellationToken, region, name).ConfigureAwait(false);
                await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            }

            await ReleaseAsync(connection, row, cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    public Task<ImmutableArray<PipelineStatus>> ListAsync(CancellationToken cancellationToken) => AskAsync(
        async connection => await PipelineTable.IsThereAsync(connection, cancellationToken).ConfigureAwait(false)
            ? (await PipelineTable.ReadAsync(connection, region, null, cancellationToken).ConfigureAwait(false)).Select(StatusOf).ToImmutableArray()
            : [],
        cancellationToken);

    public Task<PipelineStatus> SwitchAsync(string name, PipelineState state, string? reason, long? revision, CancellationToken cancellationToken) => ChangeAsync(
        async connection =>
        {
            var row = await RequireAsync(connection, name, cancellationToken).ConfigureAwait(false);
            if (revision is not null && revision != row.Revision)
            {
                return StatusOf(row);
            }

            if (state != PipelineState.Lost && (row.WhyLost is not null || row.State == PipelineState.Lost))
            {
                throw new SandboxException(
                    ErrorCodes.PositionUnavailable,
                    $"The pipeline \"{Quoted.Of(name)}\" is lost: {row.WhyLost ?? row.Reason} It goes on with a replay from {ISqlChanges.FromSnapshot} only.");
            }

            await PipelineTable.ExecuteAsync(
                connection,
                $"UPDATE {PipelineTable.Pipelines} SET state = $3, reason = $4, revision = revision + 1 WHERE {This}",
                cancellationToken,
                region,
                name,
                PipelineStates.Word(state),
                reason is null ? null : StoredText.Of(reason)).ConfigureAwait(false);
            if (state == PipelineState.Lost)
            {
                await ReleaseAsync(connection, row, cancellationToken).ConfigureAwait(false);
            }
            else if (!row.IsMade && !row.IsSnapshotDue)
            {
                await MakeAsync(connection, name, row.Slot, state, reason, cancellationToken).ConfigureAwait(false);
            }

            return StatusOf(await RequireAsync(connection, name, cancellationToken).ConfigureAwait(false));
        },
        cancellationToken);

    public Task<PipelineStatus> ReplayAsync(string name, string from, CancellationToken cancellationToken) => ChangeAsync(
        async connection =>
        {
            var row = await RequireAsync(connection, name, cancellationToken).ConfigureAwait(false);
            if (from == ISqlChanges.FromSnapshot)
            {
                await CaptureServer.CheckAsync(connection, !row.HasSlot, cancellationToken).ConfigureAwait(false);
                var tables = await CapturedTables.CheckAsync(connection, row.Definition, cancellationToken).ConfigureAwait(false);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
                await CaptureServer.PublishAsync(connection, row.Slot, tables, cancellationToken).ConfigureAwait(false);
                await PipelineTable.ExecuteAsync(
                    connection,
                    $"""
                    UPDATE {PipelineTable.Pipelines} SET state = 'running', reason = NULL, revision = revision + 1, is_snapshot_due = true, is_made = false, commit_lsn = NULL, commit_index = NULL
                    WHERE {This}
                    """,
                    cancellationToken,
                    region,
                    name).ConfigureAwait(false);
                await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                var position = PipelineNames.Parse(from)
                    ?? throw new SandboxException(ErrorCodes.InvalidParameter, $"\"{Quoted.Of(from)}\" is no position: one looks like 0/16B3748 or 0/16B3748:500, or is {ISqlChanges.FromSnapshot}.");
                Check(row, position, from);

                // The stream that has it may just be telling the server that less is needed: the row says so first.
                var changed = await PipelineTable.ExecuteAsync(
                    connection,
                    $"""
                    UPDATE {PipelineTable.Pipelines} SET state = 'running', reason = NULL, revision = revision + 1, commit_lsn = $3, commit_index = $4, seen = least(seen, $3)
                    WHERE {This} AND floor <= $5
                    """,
                    cancellationToken,
                    region,
                    name,
                    position.Commit,
                    position.Index,
                    PipelineRow.NeedOf(position)).ConfigureAwait(false);
                if (changed == 0)
                {
                    throw Unavailable(await RequireAsync(connection, name, cancellationToken).ConfigureAwait(false), from);
                }
            }

            return StatusOf(await RequireAsync(connection, name, cancellationToken).ConfigureAwait(false));
        },
        cancellationToken);

    public async Task<IChangeStream?> TryOpenAsync(string name, CancellationToken cancellationToken)
    {
        // Silos ask again and again; a session of one's own is worth it only where the pipeline can be had.
        if (await AskAsync(connection => FindAsync(connection, name, cancellationToken), cancellationToken).ConfigureAwait(false) is not { State: PipelineState.Running, IsTaken: false })
        {
            return null;
        }

        NpgsqlConnection? keeper = await capture.OpenKeeperAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (await PipelineTable.ValueAsync(keeper, "SELECT pg_catalog.pg_try_advisory_lock($1)", cancellationToken, PipelineNames.LockOf(region, name)).ConfigureAwait(false) is not true
                || await FindAsync(keeper, name, cancellationToken).ConfigureAwait(false) is not { State: PipelineState.Running } row)
            {
                return null;
            }

            if (row.WhyLost is { } reason)
            {
                await PipelineTable.ExecuteAsync(
                    keeper,
                    $"UPDATE {PipelineTable.Pipelines} SET state = 'lost', reason = $4, revision = revision + 1 WHERE {This} AND revision = $3",
                    cancellationToken,
                    region,
                    name,
                    row.Revision,
                    reason).ConfigureAwait(false);
                await ReleaseAsync(keeper, row, cancellationToken).ConfigureAwait(false);
                return null;
            }

            // Whoever had the pipeline before has let go of the lock; its other session may take a moment longer.
            if (!await CaptureServer.FreeSlotAsync(keeper, row.Slot, cancellationToken).ConfigureAwait(false))
            {
                return null;
            }

            var stream = await PostgresChangeStream.OpenAsync(capture, database, region, row, keeper, cancellationToken).ConfigureAwait(false);
            keeper = null;
            return stream;
        }
        catch (Exception e) when (PostgresErrors.IsOne(e) && !cancellationToken.IsCancellationRequested)
        {
            throw SqlFailure.Of(PostgresErrors.Of(e));
        }
        finally
        {
            if (keeper is not null)
            {
                await keeper.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    public Task<ImmutableArray<DeadChange>> DeadAsync(string name, long after, int count, CancellationToken cancellationToken) => AskAsync(
        async connection =>
        {
            await RequireAsync(connection, name, cancellationToken).ConfigureAwait(false);
            await using var command = PipelineTable.Command(
                connection,
                $"SELECT id, event, code, message, at FROM {PipelineTable.Dead} WHERE {This} AND id > $3 ORDER BY id LIMIT $4",
                region,
                name,
                after,
                count);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            var dead = ImmutableArray.CreateBuilder<DeadChange>();
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                dead.Add(new DeadChange(
                    reader.GetInt64(0), Encoding.UTF8.GetBytes(reader.GetString(1)), reader.GetString(2), reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4)));
            }

            return dead.ToImmutable();
        },
        cancellationToken);

    public Task<bool> SettleAsync(string name, long id, ImmutableArray<TableRecord> records, CancellationToken cancellationToken) => AskAsync(
        async connection =>
        {
            var row = await RequireAsync(connection, name, cancellationToken).ConfigureAwait(false);
            var sink = await TableSink.OpenAsync(connection, capture.Types, row.Definition, cancellationToken).ConfigureAwait(false);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            if (await PipelineTable.ExecuteAsync(connection, $"DELETE FROM {PipelineTable.Dead} WHERE {This} AND id = $3", cancellationToken, region, name, id).ConfigureAwait(false) == 0)
            {
                return false;
            }

            await PipelineTable.ExecuteAsync(connection, $"UPDATE {PipelineTable.Pipelines} SET dead = dead - 1 WHERE {This}", cancellationToken, region, name).ConfigureAwait(false);
            await TableSink.ApplyAsync(sink, connection, records, cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    private static async Task<string> NameAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (string)(await PipelineTable.ValueAsync(connection, "SELECT pg_catalog.current_database()::pg_catalog.text", cancellationToken).ConfigureAwait(false))!;

    private static async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!await PipelineTable.IsThereAsync(connection, cancellationToken).ConfigureAwait(false))
        {
            await PipelineTable.ExecuteAsync(connection, PipelineTable.Make, cancellationToken).ConfigureAwait(false);
        }
    }

    private static SandboxException Unavailable(PipelineRow row, string from)
    {
        var oldest = Math.Max(row.Confirmed, row.Floor);
        return new SandboxException(
            ErrorCodes.PositionUnavailable,
            $"What came after {Quoted.Of(from)} is not held any more; the oldest position is {PipelineNames.TextOf(new ChangePosition(oldest - 1, long.MaxValue))}.");
    }

    private static void Check(PipelineRow row, ChangePosition position, string from)
    {
        if (row.State == PipelineState.Lost || row.WhyLost is not null || row.IsSnapshotDue || !row.HasSlot)
        {
            throw new SandboxException(
                ErrorCodes.PositionUnavailable,
                $"The pipeline \"{Quoted.Of(row.Definition.Name)}\" {(row.IsSnapshotDue ? "has not delivered its snapshot yet" : "is lost")}; what it can deliver again begins at {ISqlChanges.FromSnapshot}.");
        }

        if (position.Commit > row.Current)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"{Quoted.Of(from)} is beyond the end of the log, {PipelineNames.LsnOf(row.Current)}.");
        }

        if (PipelineRow.NeedOf(position) < Math.Max(row.Confirmed, row.Floor))
        {
            throw Unavailable(row, from);
        }
    }

    private PipelineStatus StatusOf(PipelineRow row) => row.ToStatus(capture.Streams.GetValueOrDefault((region, row.Definition.Name)));

    private async Task AddAsync(NpgsqlConnection connection, PipelineDefinition definition, ImmutableArray<CapturedTable> tables, string slot, CancellationToken cancellationToken)
    {
        // Of a pipeline that was removed while a silo was just making it.
        await CaptureServer.DropSlotAsync(connection, slot, cancellationToken).ConfigureAwait(false);
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false))
        {
            if (await PipelineTable.ValueAsync(connection, $"SELECT count(*) FROM {PipelineTable.Pipelines}", cancellationToken).ConfigureAwait(false) is >= (long)ISqlChanges.MaxPipelines)
            {
                throw new SandboxException(ErrorCodes.InvalidParameter, $"The database has {ISqlChanges.MaxPipelines} pipelines already, which is the limit.") { Limit = ISqlChanges.MaxPipelines };
            }

            await CaptureServer.PublishAsync(connection, slot, tables, cancellationToken).ConfigureAwait(false);

            // A replication slot is made in a transaction of its own, after this one: what it holds is decoded with the publication as it was then.
            await PipelineTable.ExecuteAsync(
                connection,
                $"""
                INSERT INTO {PipelineTable.Pipelines} (region, name, definition, revision, state, reason, slot, is_snapshot_due, is_made, floor, seen, seen_at, delivered, dead, rate)
                VALUES ($1, $2, $3, 1, $4, $5, $6, $7, false, 0, (pg_catalog.pg_current_wal_lsn() - '0/0'::pg_catalog.pg_lsn)::pg_catalog.int8, pg_catalog.now(), 0, 0, 0)
                """,
                cancellationToken,
                region,
                definition.Name,
                JsonSerializer.Serialize(definition, SqlJsonContext.Default.PipelineDefinition),
                PipelineStates.Word(definition.Snapshot ? PipelineState.Running : PipelineState.Failed),
                definition.Snapshot ? null : Unmade,
                slot,
                definition.Snapshot).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }

        if (!definition.Snapshot)
        {
            await MakeAsync(connection, definition.Name, slot, PipelineState.Running, null, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReplaceAsync(
        NpgsqlConnection connection, PipelineDefinition definition, ImmutableArray<CapturedTable> tables, PipelineRow there, CancellationToken cancellationToken)
    {
        var isLost = there.State == PipelineState.Lost || there.WhyLost is not null;
        var isUnmade = !there.IsMade && !there.IsSnapshotDue;
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!isLost)
            {
                await CaptureServer.PublishAsync(connection, there.Slot, tables, cancellationToken).ConfigureAwait(false);
            }

            // What is lost stays so: there is nothing to go on from.
            await PipelineTable.ExecuteAsync(
                connection,
                $"""
                UPDATE {PipelineTable.Pipelines} SET definition = $3, revision = revision + 1,
                    state = CASE WHEN $4 THEN state WHEN $5 THEN 'failed' ELSE 'running' END, reason = CASE WHEN $4 THEN reason WHEN $5 THEN $6 END
                WHERE {This}
                """,
                cancellationToken,
                region,
                definition.Name,
                JsonSerializer.Serialize(definition, SqlJsonContext.Default.PipelineDefinition),
                isLost,
                isUnmade,
                Unmade).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }

        if (!isLost && isUnmade)
        {
            await MakeAsync(connection, definition.Name, there.Slot, PipelineState.Running, null, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Makes the slot of a pipeline without a snapshot.</summary>
    private async Task MakeAsync(NpgsqlConnection connection, string name, string slot, PipelineState state, string? reason, CancellationToken cancellationToken)
    {
        await CaptureServer.DropSlotAsync(connection, slot, cancellationToken).ConfigureAwait(false);
        var start = await CaptureServer.MakeSlotAsync(connection, slot, cancellationToken).ConfigureAwait(false);
        await PipelineTable.ExecuteAsync(
            connection,
            $"UPDATE {PipelineTable.Pipelines} SET state = $3, reason = $4, is_made = true, floor = $5, seen = $5, seen_at = pg_catalog.now() WHERE {This}",
            cancellationToken,
            region,
            name,
            PipelineStates.Word(state),
            reason is null ? null : StoredText.Of(reason),
            start).ConfigureAwait(false);
    }

    /// <summary>Gives up what the server holds for a pipeline; a silo that has it loses it.</summary>
    private async Task ReleaseAsync(NpgsqlConnection connection, PipelineRow row, CancellationToken cancellationToken)
    {
        var holders = await PipelineTable.HoldersAsync(connection, cancellationToken).ConfigureAwait(false);
        if (holders.TryGetValue(PipelineNames.LockOf(region, row.Definition.Name), out var process) && process != connection.ProcessID)
        {
            await CaptureServer.EndSessionAsync(connection, process, cancellationToken).ConfigureAwait(false);
        }

        await CaptureServer.DropSlotAsync(connection, row.Slot, cancellationToken).ConfigureAwait(false);
        await CaptureServer.UnpublishAsync(connection, row.Slot, cancellationToken).ConfigureAwait(false);
    }

    private async Task<PipelineRow?> FindAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken) =>
        await PipelineTable.IsThereAsync(connection, cancellationToken).ConfigureAwait(false)
            && await PipelineTable.ReadAsync(connection, region, name, cancellationToken).ConfigureAwait(false) is [var row] ? row : null;

    private async Task<PipelineRow> RequireAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken) =>
        await FindAsync(connection, name, cancellationToken).ConfigureAwait(false)
            ?? throw new SandboxException(ErrorCodes.PipelineNotFound, $"The database {database} has no pipeline \"{Quoted.Of(name)}\" in the region {region}.");

    private async Task<T> AskAsync<T>(Func<NpgsqlConnection, Task<T>> ask, CancellationToken cancellationToken)
    {
        await using var connection = await capture.OpenAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ask(connection).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresErrors.IsOne(e) && !cancellationToken.IsCancellationRequested)
        {
            throw SqlFailure.Of(PostgresErrors.Of(e));
        }
    }

    /// <summary>The same, one at a time.</summary>
    private async Task<T> ChangeAsync<T>(Func<NpgsqlConnection, Task<T>> change, CancellationToken cancellationToken)
    {
        await capture.Changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await AskAsync(connection => LockAsync(connection, change, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            capture.Changing.Release();
        }
    }

    /// <summary>Keeps other silos from changing pipelines meanwhile.</summary>
    private static async Task<T> LockAsync<T>(NpgsqlConnection connection, Func<NpgsqlConnection, Task<T>> change, CancellationToken cancellationToken)
    {
        await PipelineTable.ExecuteAsync(connection, "SELECT pg_catalog.pg_advisory_lock($1)", cancellationToken, PipelineTable.ChangeLock).ConfigureAwait(false);
        try
        {
            return await change(connection).ConfigureAwait(false);
        }
        finally
        {
            // A session that broke has let go of it.
            if (connection.State == System.Data.ConnectionState.Open)
            {
                await PipelineTable.ExecuteAsync(connection, "SELECT pg_catalog.pg_advisory_unlock_all()", CancellationToken.None).ConfigureAwait(false);
            }
        }
    }
}
