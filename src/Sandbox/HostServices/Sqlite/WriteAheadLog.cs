using Microsoft.Data.Sqlite;

namespace HeliosEdge.Sandbox.HostServices.Sqlite;

/// <summary>
/// The write-ahead logs of SQLite's databases. SQLite keeps one as large as it ever was: what a large transaction spilled into it, committed or
/// rolled back, stays beside a small database.
/// </summary>
public static class WriteAheadLog
{
    /// <summary>How much of one is kept.</summary>
    public const int MaxBytes = 16 << 20;

    /// <summary>Has a connection shorten the log where it begins it anew.</summary>
    public static void Bound(SqliteConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA journal_size_limit = {MaxBytes}";
        command.ExecuteNonQuery();
    }

    /// <summary>Empties the log if a transaction left it large; to be called once it has ended. Where somebody still reads from it, the next one does.</summary>
    public static void Trim(SqliteConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (!IsLarge(connection.DataSource))
        {
            return;
        }

        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        try
        {
            command.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // What the transaction came to is settled. What is wrong with the disk the next one says, which tries this again, too.
        }
    }

    /// <summary>Tells whether the log of a database has more than is kept.</summary>
    internal static bool IsLarge(string database) => LengthOf(database) > MaxBytes;

    /// <summary>The bytes of the log of a database; 0 where there is none.</summary>
    internal static long LengthOf(string database) => new FileInfo($"{database}-wal") is { Exists: true, Length: var length } ? length : 0;
}
