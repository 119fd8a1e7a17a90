using Microsoft.Data.Sqlite;

namespace HeliosEdge.Storage.Watching;

/// <summary>Finds out whether a SQLite database in a file can be written to.</summary>
internal static class FileProbe
{
    /// <summary>What a change of the silo needs of the disk at least; a page alone may still fit into a log that was written before.</summary>
    public const int Bytes = 256 << 10;

    /// <summary>Writes a page of the database that stays as it was, and a file beside it.</summary>
    /// <exception cref="SqliteException">The database cannot be written to.</exception>
    /// <exception cref="IOException">There is no room beside it.</exception>
    public static async Task WriteAsync(string path)
    {
        var beside = $"{path}.probe";
        try
        {
            await File.WriteAllBytesAsync(beside, new byte[Bytes]).ConfigureAwait(false);
        }
        finally
        {
            File.Delete(beside);
        }

        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite }.ToString());
        await connection.OpenAsync().ConfigureAwait(false);
        await using var transaction = connection.BeginTransaction(deferred: false);
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "PRAGMA user_version";
        var version = (long)(await command.ExecuteScalarAsync().ConfigureAwait(false))!;

        // PRAGMA takes no parameters; the value is the file's own number.
        command.CommandText = $"PRAGMA user_version = {version}";
        await command.ExecuteNonQueryAsync().ConfigureAwait(false);
        await transaction.CommitAsync().ConfigureAwait(false);
    }
}
