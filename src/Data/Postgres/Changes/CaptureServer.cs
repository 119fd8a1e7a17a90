using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql;
using Npgsql;

namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>What the server holds for pipelines, slots and publications, and whether it can.</summary>
internal static class CaptureServer
{
    /// <summary>How long a session that had a slot may take to let go of it.</summary>
    private static readonly TimeSpan Release = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private const string Abilities =
        """
        SELECT pg_catalog.current_setting('wal_level'), pg_catalog.current_setting('server_encoding'), pg_catalog.pg_is_in_recovery(),
            (SELECT r.rolreplication OR r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user),
            pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'),
            pg_catalog.current_setting('max_replication_slots')::pg_catalog.int8, (SELECT count(*) FROM pg_catalog.pg_replication_slots),
            session_user::pg_catalog.text, pg_catalog.current_database()::pg_catalog.text, pg_catalog.current_setting('server_version_num')::pg_catalog.int4
        """;

    private const string Slot =
        """
        SELECT s.active_pid, a.usename = session_user AND a.application_name = $2, coalesce(s.database = pg_catalog.current_database() AND s.plugin = 'pgoutput', false)
        FROM pg_catalog.pg_replication_slots s LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = s.active_pid WHERE s.slot_name = $1
        """;

    /// <summary>Fails where changes cannot be captured, and says what to do.</summary>
    /// <param name="connection">Whose login it is about.</param>
    /// <param name="needsSlot">Whether a slot will be made that is not there yet.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.CaptureRefused"/>.</exception>
    public static async Task CheckAsync(NpgsqlConnection connection, bool needsSlot, CancellationToken cancellationToken)
    {
        await using var command = PipelineTable.Command(connection, Abilities);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var (level, encoding, login, database) = (reader.GetString(0), reader.GetString(1), reader.GetString(7), reader.GetString(8));
        const int Least = 130_000;
        var refused = reader.GetInt32(9) < Least ? "The server is older than PostgreSQL 13, the first that captures changes of partitioned tables and bounds what it holds."
            : level != "logical" ? $"The server has wal_level = {level}: its log does not tell of rows. ALTER SYSTEM SET wal_level = logical, and start it again."
            : reader.GetBoolean(2) ? "The server is a standby; changes are captured at the primary."
            : encoding == "SQL_ASCII" ? "The database has the encoding SQL_ASCII, whose text may be anything; changes are told as JSON, which is Unicode."
            : !reader.GetBoolean(3) ? $"The login {login} may not read the log: ALTER ROLE {login} REPLICATION, by a superuser."
            : !reader.GetBoolean(4) ? $"The login {login} may not make publications: GRANT CREATE ON DATABASE {database} TO {login}."
            : needsSlot && reader.GetInt64(6) >= reader.GetInt64(5) ? $"All {reader.GetInt64(5)} replication slots of the server are taken: remove some, or raise max_replication_slots and start it again."
            : null;
        if (refused is not null)
        {
            throw Refuse(refused);
        }
    }

    /// <summary>How a slot is; null if there is none.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.CaptureRefused"/>: somebody else has it.</exception>
    public static async Task<SlotState?> FindAsync(NpgsqlConnection connection, string slot, CancellationToken cancellationToken)
    {
        await using var command = PipelineTable.Command(connection, Slot, slot, PipelineNames.Application);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        if (!reader.GetBoolean(2))
        {
            throw Refuse($"The replication slot {slot}, which HeliosEdge would use, is another application's; drop it with pg_drop_replication_slot.");
        }

        int? process = await reader.IsDBNullAsync(0, cancellationToken).ConfigureAwait(false) ? null : reader.GetInt32(0);
        var isOurs = await reader.IsDBNullAsync(1, cancellationToken).ConfigureAwait(false) || reader.GetBoolean(1);
        return process is null || isOurs ? new SlotState(process) : throw Refuse($"The replication slot {slot} is in use by the session with pid {process}, which is not one of HeliosEdge.");
    }

    /// <summary>Makes a slot that holds all that is committed from now on.</summary>
    /// <returns>From where it holds the log.</returns>
    public static async Task<long> MakeSlotAsync(NpgsqlConnection connection, string slot, CancellationToken cancellationToken)
    {
        try
        {
            // The server waits for transactions that are under way; as long as whoever asks does.
            await using var command = PipelineTable.Command(connection, "SELECT (s.lsn - '0/0'::pg_catalog.pg_lsn)::pg_catalog.int8 FROM pg_catalog.pg_create_logical_replication_slot($1, 'pgoutput') s", slot);
            command.CommandTimeout = 0;
            return (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.ConfigurationLimitExceeded or PostgresErrorCodes.ObjectNotInPrerequisiteState or PostgresErrorCodes.InsufficientPrivilege)
        {
            throw Refuse($"The server makes no replication slot: {PostgresErrors.Of(e).Message}");
        }
    }

    /// <summary>Drops a slot, and ends the session that has it.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.CaptureRefused"/>: somebody else has it; <see cref="ErrorCodes.Unavailable"/>: it is not let go of.</exception>
    public static async Task DropSlotAsync(NpgsqlConnection connection, string slot, CancellationToken cancellationToken)
    {
        for (var patience = SqlPatience.For(Release, cancellationToken); ; await Task.Delay(Pause, cancellationToken).ConfigureAwait(false))
        {
            if (await FindAsync(connection, slot, cancellationToken).ConfigureAwait(false) is not { } state)
            {
                return;
            }

            if (state.Process is { } process)
            {
                await EndSessionAsync(connection, process, cancellationToken).ConfigureAwait(false);
            }

            try
            {
                await PipelineTable.ExecuteAsync(connection, "SELECT pg_catalog.pg_drop_replication_slot($1)", cancellationToken, slot).ConfigureAwait(false);
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedObject)
            {
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse && !patience.IsOver)
            {
                // The session is still at its end.
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse)
            {
                throw new SandboxException(ErrorCodes.Unavailable, $"The replication slot {slot} is not let go of by the session that had it.", e);
            }
        }
    }

    /// <summary>Waits until nobody has a slot, whose session is at its end.</summary>
    /// <returns>False if it takes longer than a moment.</returns>
    public static async Task<bool> FreeSlotAsync(NpgsqlConnection connection, string slot, CancellationToken cancellationToken)
    {
        for (var patience = SqlPatience.For(TimeSpan.FromSeconds(1), cancellationToken); ; await Task.Delay(Pause, cancellationToken).ConfigureAwait(false))
        {
            if (await FindAsync(connection, slot, cancellationToken).ConfigureAwait(false) is not { Process: { } process })
            {
                return true;
            }

            await EndSessionAsync(connection, process, cancellationToken).ConfigureAwait(false);
            if (patience.IsOver)
            {
                return false;
            }
        }
    }

    /// <summary>Ends a session of the same login.</summary>
    public static Task EndSessionAsync(NpgsqlConnection connection, int process, CancellationToken cancellationToken) =>
        PipelineTable.ExecuteAsync(connection, "SELECT pg_catalog.pg_terminate_backend($1)", cancellationToken, process);

    /// <summary>Makes the publication of a pipeline, or has it be of other tables. Nothing that comes after it is missing from it.</summary>
    public static async Task PublishAsync(NpgsqlConnection connection, string publication, IEnumerable<CapturedTable> tables, CancellationToken cancellationToken)
    {
        var list = string.Join(", ", tables.Select(table => table.OwnRowsSql));
        var isThere = await PipelineTable.ValueAsync(connection, "SELECT true FROM pg_catalog.pg_publication WHERE pubname = $1", cancellationToken, publication).ConfigureAwait(false) is true;
        await PipelineTable.ExecuteAsync(
            connection,
            isThere ? $"ALTER PUBLICATION {publication} SET TABLE {list}" : $"CREATE PUBLICATION {publication} FOR TABLE {list} WITH (publish_via_partition_root = true)",
            cancellationToken).ConfigureAwait(false);
    }

    public static Task UnpublishAsync(NpgsqlConnection connection, string publication, CancellationToken cancellationToken) =>
        PipelineTable.ExecuteAsync(connection, $"DROP PUBLICATION IF EXISTS {publication}", cancellationToken);

    private static SandboxException Refuse(string message) => new(ErrorCodes.CaptureRefused, message);
}
