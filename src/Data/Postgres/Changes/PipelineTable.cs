using System.Collections.Immutable;
using System.Text.Json;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using Npgsql;

namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>The tables in which a database keeps its pipelines, and statements for them.</summary>
internal static class PipelineTable
{
    public const string Schema = "helios_pipelines";
    public const string Pipelines = $"{Schema}.pipelines";
    public const string Dead = $"{Schema}.dead";

    public const string IsThere = $"SELECT pg_catalog.to_regclass('{Pipelines}') IS NOT NULL AND pg_catalog.to_regclass('{Dead}') IS NOT NULL";

    /// <summary>One at a time makes or changes what the server holds for pipelines of a database. The number only has to be nobody else's.</summary>
    public const long ChangeLock = 0x48454C50_50495045;

    public const string Make =
        $"""
        CREATE SCHEMA IF NOT EXISTS {Schema};
        CREATE TABLE IF NOT EXISTS {Pipelines} (
            region text NOT NULL,
            name text NOT NULL,
            definition text NOT NULL,
            revision bigint NOT NULL,
            state text NOT NULL,
            reason text,
            slot text NOT NULL UNIQUE,
            is_snapshot_due boolean NOT NULL,
            is_made boolean NOT NULL,
            commit_lsn bigint,
            commit_index bigint,
            floor bigint NOT NULL,
            seen bigint NOT NULL,
            seen_at timestamptz NOT NULL,
            delivered bigint NOT NULL,
            dead bigint NOT NULL,
            rate double precision NOT NULL,
            last_error text,
            last_error_at timestamptz,
            changed_at timestamptz,
            PRIMARY KEY (region, name)
        );
        CREATE TABLE IF NOT EXISTS {Dead} (
            region text NOT NULL,
            name text NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            event text NOT NULL,
            code text NOT NULL,
            message text NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (region, name, id)
        );
        """;

    private const string Question =
        $"""
        SELECT p.definition, p.revision, p.state, p.reason, p.slot, p.is_snapshot_due, p.is_made, p.commit_lsn, p.commit_index, p.floor, p.seen, p.seen_at,
            p.delivered, p.dead, p.rate, p.last_error, p.last_error_at, p.changed_at,
            s.slot_name IS NOT NULL, coalesce(pg_catalog.to_jsonb(s) ->> 'wal_status' = 'lost', false),
            coalesce((s.confirmed_flush_lsn - '0/0'::pg_catalog.pg_lsn)::pg_catalog.int8, 0), coalesce((s.restart_lsn - '0/0'::pg_catalog.pg_lsn)::pg_catalog.int8, 0),
            (pg_catalog.pg_current_wal_lsn() - '0/0'::pg_catalog.pg_lsn)::pg_catalog.int8, p.name
        FROM {Pipelines} p
        LEFT JOIN pg_catalog.pg_replication_slots s ON s.slot_name = p.slot AND s.database = pg_catalog.current_database()
        WHERE p.region = $1 AND ($2::pg_catalog.text IS NULL OR p.name = $2)
        ORDER BY p.name COLLATE "C"
        """;

    private const string Holders =
        """
        SELECT l.classid::pg_catalog.int8 << 32 | l.objid::pg_catalog.int8, l.pid FROM pg_catalog.pg_locks l
        WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
        """;

    /// <summary>Reads pipelines of a region, those of a name or all.</summary>
    public static async Task<ImmutableArray<PipelineRow>> ReadAsync(NpgsqlConnection connection, string region, string? name, CancellationToken cancellationToken)
    {
        var holders = await HoldersAsync(connection, cancellationToken).ConfigureAwait(false);
        await using var command = Command(connection, Question, region, name);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var rows = ImmutableArray.CreateBuilder<PipelineRow>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(new PipelineRow
            {
                Definition = JsonSerializer.Deserialize(reader.GetString(0), SqlJsonContext.Default.PipelineDefinition)!,
                Revision = reader.GetInt64(1),
                State = PipelineStates.Read(reader.GetString(2)),
                Reason = await reader.IsDBNullAsync(3, cancellationToken).ConfigureAwait(false) ? null : reader.GetString(3),
                Slot = reader.GetString(4),
                IsSnapshotDue = reader.GetBoolean(5),
                IsMade = reader.GetBoolean(6),
                Position = await reader.IsDBNullAsync(7, cancellationToken).ConfigureAwait(false) ? null : new ChangePosition(reader.GetInt64(7), reader.GetInt64(8)),
                Floor = reader.GetInt64(9),
                Seen = reader.GetInt64(10),
                SeenAt = reader.GetFieldValue<DateTimeOffset>(11),
                Delivered = reader.GetInt64(12),
                Dead = reader.GetInt64(13),
                Rate = reader.GetDouble(14),
                LastError = await reader.IsDBNullAsync(15, cancellationToken).ConfigureAwait(false) ? null : reader.GetString(15),
                LastErrorAt = await reader.IsDBNullAsync(16, cancellationToken).ConfigureAwait(false) ? null : reader.GetFieldValue<DateTimeOffset>(16),
                ChangedAt = await reader.IsDBNullAsync(17, cancellationToken).ConfigureAwait(false) ? null : reader.GetFieldValue<DateTimeOffset>(17),
                HasSlot = reader.GetBoolean(18),
                IsInvalid = reader.GetBoolean(19),
                Confirmed = reader.GetInt64(20),
                Restart = reader.GetInt64(21),
                Current = reader.GetInt64(22),
                IsTaken = holders.ContainsKey(PipelineNames.LockOf(region, reader.GetString(23))),
            });
        }

        return rows.ToImmutable();
    }

    /// <summary>The sessions that have pipelines, by the numbers of their locks.</summary>
    public static async Task<Dictionary<long, int>> HoldersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Holders, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        Dictionary<long, int> holders = [];
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            holders[reader.GetInt64(0)] = reader.GetInt32(1);
        }

        return holders;
    }

    /// <summary>Runs a statement.</summary>
    /// <returns>How many rows it has changed.</returns>
    public static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object?[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The first value of the first row; null without one, and for NULL.</summary>
    public static async Task<object?> ValueAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object?[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        var value = await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        return value is DBNull ? null : value;
    }

    public static async Task<bool> IsThereAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await ValueAsync(connection, IsThere, cancellationToken).ConfigureAwait(false) is true;

    public static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object?[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(ParameterOf(parameter));
        }

        return command;
    }

    /// <summary>A parameter of its value's type; null is a text.</summary>
    public static NpgsqlParameter ParameterOf(object? value) => value switch
    {
        null => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text },
        NpgsqlParameter parameter => parameter,
        _ => new NpgsqlParameter { Value = value },
    };
}
