using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace HeliosEdge.Sandbox.HostServices.Sql.Triggers;

/// <summary>
/// The triggers of a SQLite database: each event a <c>CREATE TRIGGER</c> of SQLite that calls <see cref="TriggerFunctions.Fire"/>, so that every statement of
/// every connection fires them; and a row of <see cref="Table"/> that says what they were made of. Both change in one transaction.
/// </summary>
internal sealed class SqliteTriggers(RegionDatabase database, TriggerLedger ledger) : ISqlTriggers
{
    /// <summary>Statements cannot change it.</summary>
    public const string Table = "helios_triggers";

    /// <summary>Columns that a trigger passes on: SQLite's functions take so many arguments (<see cref="SqlLimits.MaxArguments"/>), old ones and new ones.</summary>
    private const int MaxColumns = (SqlLimits.MaxArguments - TriggerFunctions.Head) / 2;
    private const int MaxTriggers = 100;

    public bool Put(TriggerDefinition definition, SqlPatience patience) => database.Change(patience, connection =>
    {
        if (SqlAuthorizer.IsOwnTable(definition.Table))
        {
            throw Refuse($"\"{definition.Table}\" is a table of the silo's own.");
        }

        _ = Plan(connection, definition);
        CheckWhen(connection, definition);
        connection.RunOwn(
            $"CREATE TABLE IF NOT EXISTS {Table} (name TEXT PRIMARY KEY, table_name TEXT NOT NULL, definition TEXT NOT NULL, enabled INTEGER NOT NULL) WITHOUT ROWID", patience);
        var before = connection.OwnRows($"SELECT table_name FROM {Table} WHERE name = ?1", definition.Name);
        if (before.Count == 0 && connection.OwnRows($"SELECT 1 FROM {Table}").Count >= MaxTriggers)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"The database has {MaxTriggers} triggers already, which is the limit.") { Limit = MaxTriggers };
        }

        connection.OwnRows(
            $"INSERT INTO {Table} VALUES (?1, ?2, ?3, 1) ON CONFLICT (name) DO UPDATE SET table_name = excluded.table_name, definition = excluded.definition, enabled = 1",
            definition.Name,
            definition.Table,
            JsonSerializer.Serialize(definition, SqlJsonContext.Default.TriggerDefinition));
        foreach (var table in before.Select(row => row[0]!).Append(definition.Table).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            Rebuild(connection, table, definition.Name);
        }

        return before.Count == 0;
    });

    public TriggerState Enable(string name, bool isEnabled, SqlPatience patience)
    {
        var state = Require(name, patience);
        database.Change(patience, connection =>
        {
            connection.OwnRows($"UPDATE {Table} SET enabled = ?2 WHERE name = ?1", name, isEnabled ? 1 : 0);
            return Rebuild(connection, state.Definition.Table, name);
        });
        return state with { IsEnabled = isEnabled };
    }

    public void Delete(string name, SqlPatience patience)
    {
        var state = Require(name, patience);
        database.Change(patience, connection =>
        {
            connection.OwnRows($"DELETE FROM {Table} WHERE name = ?1", name);
            return Rebuild(connection, state.Definition.Table, name);
        });
        ledger.Forget(name);
    }

    public ImmutableArray<TriggerState> List(SqlPatience patience) => database.Change(patience, connection =>
        connection.OwnRows("SELECT 1 FROM sqlite_schema WHERE name = ?1", Table).Count == 0
            ? []
            : connection.OwnRows($"SELECT definition, enabled FROM {Table} ORDER BY name")
                .Select(row => JsonSerializer.Deserialize(row[0]!, SqlJsonContext.Default.TriggerDefinition)! is var definition
                    ? new TriggerState(definition, row[1] == "1", ledger.Of(definition.Name))
                    : null!)
                .ToImmutableArray());

    private TriggerState Require(string name, SqlPatience patience) => List(patience).FirstOrDefault(state => state.Definition.Name == name)
        ?? throw new SandboxException(ErrorCodes.TriggerNotFound, $"The database {database.Name} has no trigger \"{Quoted.Of(name)}\".");

    /// <summary>
    /// Makes the triggers of a table anew. SQLite fires those first that were made last: what writes the rows that guests have made comes before what
    /// asks about rows that are written, and both go by name.
    /// </summary>
    private static int Rebuild(RegionConnection connection, string table, string changed)
    {
        var definitions = connection.OwnRows($"SELECT definition FROM {Table} WHERE table_name = ?1 COLLATE NOCASE AND enabled = 1 ORDER BY name DESC", table)
            .Select(row => JsonSerializer.Deserialize(row[0]!, SqlJsonContext.Default.TriggerDefinition)!)
            .ToArray();
        foreach (var name in definitions.Select(definition => definition.Name).Append(changed).Distinct(StringComparer.Ordinal))
        {
            var prefix = $"{TriggerFunctions.Prefix}{name}:";
            foreach (var trigger in connection.OwnRows("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND substr(name, 1, ?2) = ?1", prefix, prefix.Length))
            {
                connection.OwnRows($"DROP TRIGGER {SqliteText.Name(trigger[0]!)}");
            }
        }

        var plans = definitions.Select(definition => Plan(connection, definition)).ToArray();
        foreach (var sql in plans.SelectMany(plan => plan.Asking()).Concat(plans.SelectMany(plan => plan.Writing())))
        {
            connection.OwnRows(sql);
        }

        connection.RenewCapture(table);
        return definitions.Length;
    }

    /// <summary>The statements of a trigger, checked against its table.</summary>
    private static TriggerSql Plan(RegionConnection connection, TriggerDefinition definition)
    {
        var hasRowid = HasRowid(connection, definition.Table);
        var columns = connection.OwnRows("SELECT name, pk FROM pragma_table_xinfo(?1) WHERE hidden = 0 ORDER BY cid", definition.Table);
        var names = columns.Select(column => column[0]!).ToArray();
        foreach (var column in definition.Columns)
        {
            if (!names.Contains(column))
            {
                throw Refuse($"The table \"{definition.Table}\" has no column \"{Quoted.Of(column)}\"; it has {string.Join(", ", names)}.");
            }
        }

        var primary = columns.Where(column => column[1] != "0").OrderBy(column => int.Parse(column[1]!, CultureInfo.InvariantCulture)).Select(column => column[0]!).ToArray();
        string[] shown = definition.Columns.IsEmpty ? names : [.. definition.Columns];
        string[] key = primary.Length > 0 ? primary : hasRowid ? ["rowid"] : [];
        string[] passed = [.. key, .. shown.Except(key)];
        return passed.Length <= MaxColumns
            ? new TriggerSql(definition, key, passed, shown, hasRowid)
            : throw new SandboxException(
                ErrorCodes.InvalidParameter, $"The trigger would pass {passed.Length} columns on; the limit is {MaxColumns}. Name those that it needs in columns.")
            {
                Limit = MaxColumns,
                Value = passed.Length,
            };
    }

    private static bool HasRowid(RegionConnection connection, string table)
    {
        var found = connection.OwnRows("SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND name = ?1", table);
        return found.Count == 0 ? throw Refuse($"There is no table \"{Quoted.Of(table)}\".")
            : found[0][0] != "table" ? throw Refuse($"\"{Quoted.Of(table)}\" is a {found[0][0]}; triggers are for tables.")
            : found[0][1] == "0";
    }

    /// <summary>An expression and nothing else: it is put between parentheses in two statements, and compiled in the first as what only reads.</summary>
    private static void CheckWhen(RegionConnection connection, TriggerDefinition definition)
    {
        if (definition.When is not { } when)
        {
            return;
        }

        foreach (var name in definition.Events)
        {
            string[] rows = [.. TriggerEvents.HasOld(name) ? ["old"] : Array.Empty<string>(), .. TriggerEvents.HasNew(name) ? ["new"] : Array.Empty<string>()];
            var from = string.Join(", ", rows.Select(row => $"{SqliteText.Name(definition.Table)} AS {row}"));
            if (connection.WhyNoQuery($"SELECT 1 FROM {from} WHERE (\n{when}\n)") is { } fault)
            {
                throw Refuse($"when is no expression over {string.Join(" and ", rows)}, as {name} has: {fault}");
            }
        }
    }

    private static SandboxException Refuse(string message) => new(ErrorCodes.InvalidParameter, message);
}
