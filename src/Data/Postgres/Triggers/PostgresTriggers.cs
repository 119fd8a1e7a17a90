using System.Collections.Immutable;
using System.Text.Json;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;
using Npgsql;

namespace HeliosEdge.Data.Postgres.Triggers;

/// <summary>
/// The triggers of a PostgreSQL database. Each event is a trigger of the server, with the definition as its argument: there is no table beside them
/// that could say something else, and statements of functions change neither (<see cref="PostgresTriggerSql.State"/>).
/// </summary>
internal sealed class PostgresTriggers(string database, PostgresPool pool) : ISqlTriggers
{
    private const int MaxTriggers = 100;

    public bool Put(TriggerDefinition definition, SqlPatience patience)
    {
        var isNew = Change(
            async (connection, token) =>
            {
                var table = await FindAsync(connection, definition, token).ConfigureAwait(false);
                await PrepareAsync(connection, token).ConfigureAwait(false);
                var there = await ReadAsync(connection, token).ConfigureAwait(false);
                var same = there.Where(trigger => trigger.Definition.Name == definition.Name).ToArray();
                if (same.Length == 0 && there.Select(trigger => trigger.Definition.Name).Distinct().Count() >= MaxTriggers)
                {
                    throw new SandboxException(ErrorCodes.InvalidParameter, $"The database has {MaxTriggers} triggers already, which is the limit.") { Limit = MaxTriggers };
                }

                await DropAsync(connection, same, token).ConfigureAwait(false);
                foreach (var eventName in PostgresTriggerSql.Events(definition))
                {
                    await CreateAsync(connection, definition, eventName, table, token).ConfigureAwait(false);
                }

                // The condition is a text of somebody's: that it has made something else of the statements is seen in what there is now.
                var made = (await ReadAsync(connection, token).ConfigureAwait(false)).Where(trigger => trigger.Definition.Name == definition.Name);
                if (!made.Select(trigger => trigger.Event).Order(StringComparer.Ordinal).SequenceEqual(PostgresTriggerSql.Events(definition).Order(StringComparer.Ordinal)))
                {
                    throw Refuse("when is no expression.");
                }

                return same.Length == 0;
            },
            patience);
        pool.HasTriggers = true;
        return isNew;
    }

    public TriggerState Enable(string name, bool isEnabled, SqlPatience patience)
    {
        var definition = Change(
            async (connection, token) =>
            {
                var there = await RequireAsync(connection, name, token).ConfigureAwait(false);
                foreach (var trigger in there)
                {
                    await ExecuteAsync(connection, $"ALTER TABLE {trigger.Table} {(isEnabled ? "ENABLE" : "DISABLE")} TRIGGER {PostgresTriggerSql.Quote(trigger.Name)}", token).ConfigureAwait(false);
                }

                return there[0].Definition;
            },
            patience);
        return new TriggerState(definition, isEnabled, pool.Ledger.Of(name));
    }

    public void Delete(string name, SqlPatience patience)
    {
        Change(
            async (connection, token) =>
            {
                await DropAsync(connection, await RequireAsync(connection, name, token).ConfigureAwait(false), token).ConfigureAwait(false);
                const string IsUnused =
                    $"SELECT 'yes' FROM pg_catalog.pg_proc p WHERE p.oid = pg_catalog.to_regprocedure('{PostgresTriggerSql.Function}') AND pg_catalog.pg_has_role(p.proowner, 'USAGE') "
                    + "AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgfoid = p.oid)";
                if ((await RowsAsync(connection, IsUnused, token).ConfigureAwait(false)).Count > 0)
                {
                    // Without it no commit has to be held back.
                    await ExecuteAsync(connection, PostgresTriggerSql.DropFunction, token).ConfigureAwait(false);
                }

                return true;
            },
            patience);
        pool.Ledger.Forget(name);
    }

    public ImmutableArray<TriggerState> List(SqlPatience patience) => Change(
        async (connection, token) => (await ReadAsync(connection, token).ConfigureAwait(false))
            .GroupBy(trigger => trigger.Definition.Name)
            .OrderBy(triggers => triggers.Key, StringComparer.Ordinal)
            .Select(triggers => new TriggerState(triggers.First().Definition, triggers.All(trigger => trigger.IsEnabled), pool.Ledger.Of(triggers.Key)))
            .ToImmutableArray(),
        patience);

    private T Change<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> change, SqlPatience patience)
    {
        if (pool.Enter(patience) is { } refused)
        {
            throw SqlFailure.Of(refused);
        }

        return ChangeAsync(change, patience).GetAwaiter().GetResult();
    }

    private async Task<T> ChangeAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> change, SqlPatience patience)
    {
        var (connection, error) = await pool.OpenAsync(patience).ConfigureAwait(false);
        if (connection is null)
        {
            throw SqlFailure.Of(error!);
        }

        try
        {
            (var value, error) = await connection.ChangeAsync(change, patience).ConfigureAwait(false);
            return error is null ? value! : throw SqlFailure.Of(Explain(error));
        }
        finally
        {
            await connection.EndAsync().ConfigureAwait(false);
        }
    }

    private SqlError Explain(SqlError error) => error.State != "42501" ? error : error with
    {
        Message = $"{error.Message}. The login of {database} makes triggers with CREATE on the database, once, for the schema {PostgresTriggerSql.Schema} "
            + "(GRANT CREATE ON DATABASE … TO …), and TRIGGER on the table (GRANT TRIGGER ON … TO …); to replace, switch or delete them it must own the table.",
    };

    private static async Task<string> FindAsync(NpgsqlConnection connection, TriggerDefinition definition, CancellationToken cancellationToken)
    {
        const string Question =
            $"""
            SELECT c.relkind::pg_catalog.text, pg_catalog.format('%I.%I', n.nspname, c.relname), n.nspname::pg_catalog.text, c.relpersistence::pg_catalog.text, (
                SELECT coalesce(pg_catalog.json_agg(a.attname ORDER BY a.attnum), '[]') FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)::pg_catalog.text
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE {PostgresRelation.IsNamed}
            """;
        var shown = Quoted.Of(definition.Table);
        if (!PostgresRelation.CanBeName(definition.Table)
            || await RowsAsync(connection, Question, cancellationToken, definition.Table).ConfigureAwait(false) is not [var found])
        {
            throw Refuse($"There is no table \"{shown}\".");
        }

        if (PostgresRelation.KindBesideTable(found[0]![0]) is { } kind)
        {
            throw Refuse($"\"{shown}\" is a {kind}; triggers are for tables.");
        }

        if (found[3] == "t" || found[2] is "pg_catalog" or "information_schema" or PostgresTriggerSql.Schema)
        {
            throw Refuse($"\"{shown}\" is a table of the server's own or of a session; triggers are for others.");
        }

        var names = JsonSerializer.Deserialize(found[4]!, SqlJsonContext.Default.StringArray)!;
        foreach (var column in definition.Columns.Where(column => !names.Contains(column)))
        {
            throw Refuse($"The table \"{shown}\" has no column \"{Quoted.Of(column)}\"; it has {string.Join(", ", names)}.");
        }

        return found[1]!;
    }

    /// <summary>Makes the function, and its schema, where they are not there or another release's.</summary>
    private static async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string Body = $"SELECT p.prosrc FROM pg_catalog.pg_proc p WHERE p.oid = pg_catalog.to_regprocedure('{PostgresTriggerSql.Function}')";
        const string SchemaThere = $"SELECT 'yes' FROM pg_catalog.pg_namespace WHERE nspname = '{PostgresTriggerSql.Schema}'";
        if (await RowsAsync(connection, Body, cancellationToken).ConfigureAwait(false) is [[PostgresTriggerSql.Body]])
        {
            return;
        }

        if ((await RowsAsync(connection, SchemaThere, cancellationToken).ConfigureAwait(false)).Count == 0)
        {
            await ExecuteAsync(connection, PostgresTriggerSql.MakeSchema, cancellationToken).ConfigureAwait(false);
        }

        await ExecuteAsync(connection, PostgresTriggerSql.ShowSchema, cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(connection, PostgresTriggerSql.MakeFunction, cancellationToken).ConfigureAwait(false);
    }

    private static async Task CreateAsync(NpgsqlConnection connection, TriggerDefinition definition, string eventName, string table, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(connection, PostgresTriggerSql.Create(definition, eventName, table), cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (definition.When is not null && e.SqlState != "42501" && e.SqlState.StartsWith("42", StringComparison.Ordinal))
        {
            string[] rows = [.. TriggerEvents.HasOld(eventName) ? ["old"] : Array.Empty<string>(), .. TriggerEvents.HasNew(eventName) ? ["new"] : Array.Empty<string>()];
            throw Refuse($"when is no expression over {string.Join(" and ", rows)}, as {eventName} has: {e.MessageText}");
        }
    }

    private static async Task DropAsync(NpgsqlConnection connection, IEnumerable<ListedTrigger> triggers, CancellationToken cancellationToken)
    {
        foreach (var trigger in triggers)
        {
            await ExecuteAsync(connection, $"DROP TRIGGER {PostgresTriggerSql.Quote(trigger.Name)} ON {trigger.Table}", cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<ListedTrigger[]> RequireAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        ListedTrigger[] found = [.. (await ReadAsync(connection, cancellationToken).ConfigureAwait(false)).Where(trigger => trigger.Definition.Name == name)];
        return found.Length > 0 ? found : throw new SandboxException(ErrorCodes.TriggerNotFound, $"The database {database} has no trigger \"{Quoted.Of(name)}\".");
    }

    private static async Task<ListedTrigger[]> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var rows = await RowsAsync(connection, PostgresTriggerSql.Triggers, cancellationToken).ConfigureAwait(false);
        return
        [
            .. rows.Where(row => row[0] is not null && row[5] == "false").Select(row =>
            {
                var (definition, eventName) = ServerTriggers.Arguments(row[3]!);
                return new ListedTrigger(definition, eventName, row[1]!, row[2]!, row[6] == "true");
            }),
        ];
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken) => await RowsAsync(connection, sql, cancellationToken).ConfigureAwait(false);

    /// <summary>As a batch of one, which is one statement to the server whatever is in it.</summary>
    private static async Task<List<string?[]>> RowsAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params string[] parameters)
    {
        await using var batch = connection.CreateBatch();
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = parameter });
        }

        batch.BatchCommands.Add(command);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        List<string?[]> rows = [];
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? null : reader.GetString(column))]);
        }

        return rows;
    }

    private static SandboxException Refuse(string message) => new(ErrorCodes.InvalidParameter, message);

    /// <param name="Definition">What it is.</param>
    /// <param name="Event">The event that this one is for.</param>
    /// <param name="Name">Its name in the server.</param>
    /// <param name="Table">The table's name for statements.</param>
    /// <param name="IsEnabled">Whether it judges.</param>
    private sealed record ListedTrigger(TriggerDefinition Definition, string Event, string Name, string Table, bool IsEnabled);
}
