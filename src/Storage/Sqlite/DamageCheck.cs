using HeliosEdge.Settings;
using Microsoft.Data.Sqlite;

namespace HeliosEdge.Storage.Sqlite;

/// <summary>Looks for damage in the silo's own files before anything is served from them.</summary>
internal static class DamageCheck
{
    // Larger ones would keep the silo from starting for seconds; what is damaged in them is found when it is read.
    private const long MaxBytes = 64L << 20;

    /// <summary>Checks the structure of SQLite databases, where they are there.</summary>
    /// <exception cref="SiloStartException">One is damaged.</exception>
    public static void Run(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length <= MaxBytes && FindDamage(path) is { } damage)
            {
                throw new SiloStartException($"The database {path} is damaged: {damage}. Put a copy of it in its place.");
            }
        }
    }

    private static string? FindDamage(string path)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA quick_check(1)";
            var result = (string)command.ExecuteScalar()!;
            return result == "ok" ? null : result.ReplaceLineEndings(" ");
        }
        catch (SqliteException e)
        {
            return e.Message;
        }
    }
}
