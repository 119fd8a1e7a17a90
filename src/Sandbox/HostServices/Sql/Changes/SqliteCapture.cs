using System.Globalization;
using System.Text.Json;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>
/// The triggers that write the changes of a table into <see cref="SqliteChangeLog.Changes"/>, in the transaction of whoever makes them; one set for all of
/// a table's pipelines. SQLite fires those first that were made last: these are made anew whenever the table gets another trigger, so that
/// changes are in the order in which they happened, and no trigger of the table can keep them from it.
/// </summary>
internal static class SqliteCapture
{
    /// <summary>How the names of the triggers begin.</summary>
    public const string Prefix = "helios>";

    /// <summary>Columns that a table may have: SQLite's functions take so many arguments (<see cref="SqlLimits.MaxArguments"/>), the old row and the new one.</summary>
    private const int MaxColumns = (SqlLimits.MaxArguments - 1) / 2;

    private static readonly string[] Rowids = ["rowid", "_rowid_", "oid"];

    /// <summary>The tables that are captured.</summary>
    public static HashSet<string> Tables(RegionConnection connection) => connection
        .OwnRows("SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'trigger' AND substr(name, 1, ?2) = ?1", Prefix, Prefix.Length)
        .Select(row => row[0]!)
        .ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Captures some tables and no others.</summary>
    public static void Set(RegionConnection connection, IEnumerable<string> tables)
    {
        var before = Tables(connection);
        var after = tables.ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var table in before.Except(after, StringComparer.OrdinalIgnoreCase))
        {
            Drop(connection, table);
        }

        foreach (var table in after.Except(before, StringComparer.OrdinalIgnoreCase))
        {
            Make(connection, table);
        }
    }

    /// <summary>Makes the triggers of a table anew, if it is captured.</summary>
    public static void Renew(RegionConnection connection, string table)
    {
        if (Tables(connection).Contains(table))
        {
            Drop(connection, table);
            Make(connection, table);
        }
    }

    /// <summary>Writes the rows that are in a table into the log, for one pipeline.</summary>
    public static void Snapshot(RegionConnection connection, string table, long pipeline)
    {
        var row = Look(connection, table);
        connection.OwnRows(
            $"INSERT INTO {SqliteChangeLog.Changes} (pipeline, table_name, data) SELECT ?1, {SqliteText.Value(row.Table)}, {Change(row, "r", "")} FROM {SqliteText.Name(row.Table)}", pipeline);
    }

    /// <summary>Looks at a table.</summary>
    /// <returns>Its name as the schema has it.</returns>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: it cannot be captured.</exception>
    public static string Check(RegionConnection connection, string table) => Look(connection, table).Table;

    private static void Drop(RegionConnection connection, string table)
    {
        foreach (var trigger in connection.OwnRows(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?3 COLLATE NOCASE AND substr(name, 1, ?2) = ?1", Prefix, Prefix.Length, table))
        {
            connection.OwnRows($"DROP TRIGGER {SqliteText.Name(trigger[0]!)}");
        }
    }

    private static void Make(RegionConnection connection, string table)
    {
        var row = Look(connection, table);
        var on = SqliteText.Name(row.Table);
        Trigger("insert", "INSERT", null, Insert("c", "NEW."));
        Trigger("delete", "DELETE", null, Insert("d", "OLD."));
        Trigger("update", "UPDATE", row.IsJudged ? $"NOT {CaptureFunctions.Amended}()" : null, Insert("u", "OLD.", "NEW."));
        if (row.IsJudged)
        {
            Trigger(
                "amend",
                "UPDATE",
                $"{CaptureFunctions.Amends}({Head(row, "u")}{Values(row, "OLD.")})",
                $"UPDATE {SqliteChangeLog.Changes} SET data = {Change(row, "u", "OLD.", "NEW.")} WHERE seq = (SELECT max(seq) FROM {SqliteChangeLog.Changes});");
        }

        void Trigger(string name, string verb, string? when, string body) => connection.OwnRows(
            $"CREATE TRIGGER {SqliteText.Name($"{Prefix}{row.Table}:{name}")} AFTER {verb} ON {on}{(when is null ? "" : $" WHEN {when}")} BEGIN {body} END");

        string Insert(string op, params string[] rows) =>
            $"INSERT INTO {SqliteChangeLog.Changes} (table_name, data) VALUES ({SqliteText.Value(row.Table)}, {Change(row, op, rows)});";
    }

    private static string Change(Row row, string op, params string[] rows) =>
        $"{CaptureFunctions.Change}({Head(row, op)}{string.Concat(rows.Select(from => Values(row, from)))})";

    private static string Head(Row row, string op) => SqliteText.Value(JsonSerializer.Serialize(
        new CapturedEvent(row.Table, op, row.Columns, [.. row.Primary.Select(key => Array.IndexOf(row.Columns, key))], row.Rowid is not null, row.IsJudged),
        SqlJsonContext.Default.CapturedEvent));

    private static string Values(Row row, string from) => string.Concat(row.Passed.Select(column => $", {from}{SqliteText.Name(column)}"));

    private static Row Look(RegionConnection connection, string table)
    {
        if (SqlAuthorizer.IsOwnTable(table))
        {
            throw Refuse($"\"{Quoted.Of(table)}\" is a table of the silo's own.");
        }

        var found = connection.OwnRows("SELECT type, wr, name FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE", table);
        if (found.Count == 0 || table.StartsWith("sqlite_", StringComparison.OrdinalIgnoreCase))
        {
            throw Refuse($"There is no table \"{Quoted.Of(table)}\".");
        }

        if (found[0][0] != "table")
        {
            throw Refuse($"\"{Quoted.Of(table)}\" is a {found[0][0]}; changes are captured of tables.");
        }

        var name = found[0][2]!;
        var columns = connection.OwnRows("SELECT name, pk FROM pragma_table_xinfo(?1) WHERE hidden = 0 ORDER BY cid", name);
        string[] names = [.. columns.Select(column => column[0]!)];
        string[] primary = [.. columns.Where(column => column[1] != "0").OrderBy(column => int.Parse(column[1]!, CultureInfo.InvariantCulture)).Select(column => column[0]!)];
        var rowid = primary.Length == 0 && found[0][1] == "0" ? Rowids.FirstOrDefault(rowid => !names.Contains(rowid, StringComparer.OrdinalIgnoreCase)) : null;
        if (primary.Length == 0 && rowid is null)
        {
            primary = names;
        }

        var isJudged = connection.OwnRows(
            "SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE AND name GLOB ?2 LIMIT 1", name, $"{TriggerFunctions.Prefix}*:apply_*").Count > 0;
        var row = new Row(name, names, primary, rowid, isJudged);
        return row.Passed.Length <= MaxColumns
            ? row
            : throw new SandboxException(ErrorCodes.InvalidParameter, $"The table \"{name}\" has {row.Passed.Length} columns; the limit for one that is captured is {MaxColumns}.")
            {
                Limit = MaxColumns,
                Value = row.Passed.Length,
            };
    }

    private static SandboxException Refuse(string message) => new(ErrorCodes.InvalidParameter, message);

    private sealed record Row(string Table, string[] Columns, string[] Primary, string? Rowid, bool IsJudged)
    {
        public string[] Passed => Rowid is null ? Columns : [Rowid, .. Columns];
    }
}
