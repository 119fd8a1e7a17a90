using System.Globalization;
using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>
/// The tables of a region's database in which pipelines, their changes and their dead changes are. The newest change is always held: the numbers of
/// those to come go on from it.
/// </summary>
internal static class SqliteChangeLog
{
    public const string Pipelines = "helios_pipelines";
    public const string Changes = "helios_changes";
    public const string Dead = "helios_dead_changes";

    /// <summary>Changes that are held after they were delivered, to be delivered again.</summary>
    public const int HeldRows = 10_000;

    /// <summary>Bytes of changes that are held after they were delivered, at most.</summary>
    public const long HeldBytes = 16L << 20;

    /// <summary>Gives the number and the value of the newest change.</summary>
    public const string Newest = $"SELECT seq, data FROM {Changes} WHERE seq > ?1 ORDER BY seq DESC LIMIT 1";

    /// <summary>Whose the changes are that are nobody's; those of all have NULL.</summary>
    private const int Nobody = -1;

    /// <summary>Changes that are removed at once: others wait for the database meanwhile.</summary>
    private const int Portion = 1_000;

    private static readonly string Nothing = $"UPDATE {Changes} SET pipeline = {Nobody}, data = substr(data, 1, {LoggedChange.Size}) WHERE seq = ?1 AND length(data) > {LoggedChange.Size}";

    /// <summary>Whether there has ever been a pipeline.</summary>
    public static bool Exists(RegionConnection connection) => connection.OwnRows("SELECT 1 FROM sqlite_schema WHERE name = ?1", Pipelines).Count > 0;

    /// <summary>Makes the tables.</summary>
    public static void Make(RegionConnection connection)
    {
        // A statement's OR IGNORE holds for what its triggers insert, too, and would leave out what a constraint is against: there are none.
        connection.OwnRows($"CREATE TABLE IF NOT EXISTS {Changes} (seq INTEGER PRIMARY KEY, pipeline INTEGER, table_name TEXT, data BLOB)");
        connection.OwnRows(
            $"""
            CREATE TABLE IF NOT EXISTS {Pipelines} (
              id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, definition TEXT NOT NULL, revision INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT,
              since INTEGER NOT NULL, position INTEGER NOT NULL, position_sum INTEGER NOT NULL, changed_at INTEGER, delivered INTEGER NOT NULL DEFAULT 0,
              rate REAL NOT NULL DEFAULT 0, dead INTEGER NOT NULL DEFAULT 0, dead_last INTEGER NOT NULL DEFAULT 0, last_error TEXT, last_error_at INTEGER)
            """);
        connection.OwnRows(
            $"""
            CREATE TABLE IF NOT EXISTS {Dead} (
              pipeline INTEGER NOT NULL, id INTEGER NOT NULL, event BLOB NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, at INTEGER NOT NULL,
              PRIMARY KEY (pipeline, id)) WITHOUT ROWID
            """);
    }

    /// <summary>Where the log ends.</summary>
    public static (long Sequence, long Sum) End(RegionConnection connection)
    {
        (long, long) end = default;
        connection.OwnEach(Newest, row => end = (raw.sqlite3_column_int64(row, 0), LoggedChange.Read(raw.sqlite3_column_blob(row, 1)).Sum), 0);
        return end;
    }

    /// <summary>The oldest change that is held; one more than there have been if there is none.</summary>
    public static long Oldest(RegionConnection connection) =>
        Number(connection.OwnRows($"SELECT min(seq) FROM {Changes} WHERE seq > ?1", 0)[0][0]) ?? 1;

    /// <summary>Bytes of all changes up to a place.</summary>
    public static long SumAt(RegionConnection connection, long sequence)
    {
        var sum = 0L;
        connection.OwnEach(
            $"SELECT data FROM {Changes} WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1", row => sum = LoggedChange.Read(raw.sqlite3_column_blob(row, 0)).Sum, sequence);
        return sum;
    }

    /// <summary>Up to where nobody needs the changes any more, as many of them as are to be removed at once; 0 for none.</summary>
    public static long Removable(RegionConnection connection)
    {
        var (newest, sum) = End(connection);
        var oldest = Oldest(connection);
        var needed = Number(connection.OwnRows($"SELECT min(position) FROM {Pipelines} WHERE state <> ?1", PipelineStates.Word(PipelineState.Lost))[0][0]);
        var last = Math.Min(Math.Min(needed ?? newest, newest - 1), oldest + Portion - 1);
        if (needed is not null && last > newest - HeldRows)
        {
            last = sum - SumAt(connection, oldest) > HeldBytes ? LastBefore(connection, oldest, last, sum - HeldBytes) : newest - HeldRows;
        }

        return last >= oldest ? last : 0;
    }

    /// <summary>Removes a portion of what nobody needs any more.</summary>
    /// <returns>Whether there may be more.</returns>
    public static bool Trim(RegionConnection connection)
    {
        var last = Removable(connection);
        if (last > 0)
        {
            connection.OwnChange($"DELETE FROM {Changes} WHERE seq <= ?1", last);
            return true;
        }

        if (connection.OwnRows($"SELECT 1 FROM {Pipelines} WHERE state <> ?1 LIMIT 1", PipelineStates.Word(PipelineState.Lost)).Count == 0)
        {
            connection.OwnChange(Nothing, End(connection).Sequence);
        }

        return false;
    }

    /// <summary>A number of SQLite's; null for none.</summary>
    public static long? Number(string? text) => text is null ? null : long.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>The last change between two with at most so many bytes up to it; the one before the first if there is none.</summary>
    private static long LastBefore(RegionConnection connection, long first, long last, long sum)
    {
        while (first <= last)
        {
            var middle = first + ((last - first) / 2);
            if (SumAt(connection, middle) <= sum)
            {
                first = middle + 1;
            }
            else
            {
                last = middle - 1;
            }
        }

        return last;
    }
}
