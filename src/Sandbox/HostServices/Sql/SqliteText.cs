namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>What others wrote, as a part of a statement of SQLite.</summary>
internal static class SqliteText
{
    /// <summary>A name.</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text.</summary>
    public static string Value(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
