using System.Collections.Immutable;
using HeliosEdge.Data.Postgres.Triggers;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using Npgsql;

namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>Finds the tables of a pipeline, and says what keeps their changes from being captured.</summary>
internal static class CapturedTables
{
    private const string Question =
        $"""
        SELECT c.oid, n.nspname::pg_catalog.text, c.relname::pg_catalog.text, c.relkind::pg_catalog.text, c.relpersistence::pg_catalog.text, c.relispartition,
            pg_catalog.pg_has_role(current_user, c.relowner, 'USAGE'),
            CASE c.relreplident
                WHEN 'f' THEN 'full'
                WHEN 'd' THEN (SELECT 'key' FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
                WHEN 'i' THEN (SELECT 'key' FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisreplident)
            END,
            EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND t.tgenabled <> 'D' AND t.tgfoid = pg_catalog.to_regprocedure('{PostgresTriggerSql.Function}')),
            EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE {PostgresRelation.IsNamed}
        """;

    /// <summary>Partitions that the log would tell too little of, or nothing; a new one is up to who makes it.</summary>
    private const string UnfitPartitions =
        """
        SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), c.relkind = 'f' OR c.relpersistence = 'u'
        FROM pg_catalog.pg_partition_tree($1) p JOIN pg_catalog.pg_class c ON c.oid = p.relid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE p.isleaf AND (c.relkind = 'f' OR c.relpersistence = 'u' OR NOT CASE c.relreplident
            WHEN 'f' THEN true
            WHEN 'd' THEN EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
            WHEN 'i' THEN EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisreplident)
            ELSE false
        END)
        LIMIT 1
        """;

    /// <summary>Finds the tables of a definition, and its sink, and checks all of them.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/> or <see cref="ErrorCodes.CaptureRefused"/>.</exception>
    public static async Task<ImmutableArray<CapturedTable>> CheckAsync(NpgsqlConnection connection, PipelineDefinition definition, CancellationToken cancellationToken)
    {
        definition.RequireTables();
        var tables = ImmutableArray.CreateBuilder<CapturedTable>();
        foreach (var name in definition.Tables)
        {
            var table = await FindAsync(connection, name, cancellationToken).ConfigureAwait(false);
            CheckSource(table, Quoted.Of(name));
            if (table.Kind == 'p')
            {
                await CheckPartitionsAsync(connection, table, Quoted.Of(name), cancellationToken).ConfigureAwait(false);
            }

            if (tables.Any(other => other.Oid == table.Oid))
            {
                throw Refuse($"\"{Quoted.Of(name)}\" is named twice.");
            }

            tables.Add(table);
        }

        if (definition.Sink?.Table is { } sink)
        {
            var table = await FindAsync(connection, sink, cancellationToken).ConfigureAwait(false);
            CheckSink(table, Quoted.Of(sink));
            if (tables.Any(other => other.Oid == table.Oid))
            {
                throw Refuse($"The sink \"{Quoted.Of(sink)}\" is among the tables of the pipeline, which would get its own changes without end.");
            }
        }

        return tables.ToImmutable();
    }

    /// <summary>The table of a name, as <c>table</c> or <c>schema.table</c>.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: there is none.</exception>
    public static async Task<CapturedTable> FindAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        if (PostgresRelation.CanBeName(name))
        {
            await using var command = PipelineTable.Command(connection, Question, name);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            if (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                return new CapturedTable(
                    reader.GetFieldValue<uint>(0),
                    reader.GetString(1),
                    reader.GetString(2),
                    reader.GetString(3)[0],
                    reader.GetString(4)[0],
                    reader.GetBoolean(5),
                    reader.GetBoolean(6),
                    await reader.IsDBNullAsync(7, cancellationToken).ConfigureAwait(false) ? null : reader.GetString(7),
                    reader.GetBoolean(8),
                    reader.GetBoolean(9));
            }
        }

        throw Refuse($"There is no table \"{Quoted.Of(name)}\".");
    }

    private static async Task CheckPartitionsAsync(NpgsqlConnection connection, CapturedTable table, string shown, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(UnfitPartitions, connection) { Parameters = { new NpgsqlParameter { Value = table.Oid, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Oid } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        if (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            throw Refuse(reader.GetBoolean(1)
                ? $"The partition {Quoted.Of(reader.GetString(0))} of \"{shown}\" is foreign or unlogged: its changes are not in the log that they are captured from."
                : $"The partition {Quoted.Of(reader.GetString(0))} of \"{shown}\" has no replica identity of its own: give it a primary key, or ALTER TABLE {Quoted.Of(reader.GetString(0))} REPLICA IDENTITY FULL.");
        }
    }

    private static void CheckSource(CapturedTable table, string shown)
    {
        CheckKind(table, shown, "a pipeline gets changes of tables");
        if (table.Persistence == 'u')
        {
            throw Refuse($"\"{shown}\" is an unlogged table: its changes are not in the log that they are captured from. ALTER TABLE … SET LOGGED has them there.");
        }

        if (!table.IsOwned)
        {
            throw new SandboxException(
                ErrorCodes.CaptureRefused,
                $"The login does not own \"{shown}\", and PostgreSQL lets only the owner publish a table: ALTER TABLE {table.Sql} OWNER TO …, or GRANT the owner's role to the login.");
        }

        if (table.Identity is null)
        {
            throw Refuse(
                $"\"{shown}\" has no replica identity, so that PostgreSQL would refuse UPDATE and DELETE of it once its changes are captured: "
                + $"give it a primary key, or ALTER TABLE {table.Sql} REPLICA IDENTITY FULL.");
        }
    }

    private static void CheckSink(CapturedTable table, string shown)
    {
        CheckKind(table, shown, "a sink is a table");
        if (!table.HasKey)
        {
            throw Refuse($"The sink \"{shown}\" has no primary key, by which its rows would be found.");
        }

        if (table.HasTriggers)
        {
            throw Refuse($"The sink \"{shown}\" has triggers of HeliosEdge, which judge what functions write and not what a pipeline does.");
        }
    }

    private static void CheckKind(CapturedTable table, string shown, string rule)
    {
        if (PostgresRelation.KindBesideTable(table.Kind) is { } kind)
        {
            throw Refuse($"\"{shown}\" is a {kind}; {rule}.");
        }

        if (table.Persistence == 't' || table.Schema is "pg_catalog" or "information_schema" or PostgresTriggerSql.Schema or PipelineTable.Schema)
        {
            throw Refuse($"\"{shown}\" is a table of the server's own, of HeliosEdge, or of a session; {rule} that are none of these.");
        }
    }

    private static SandboxException Refuse(string message) => new(ErrorCodes.InvalidParameter, message);
}
