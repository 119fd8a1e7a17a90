using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>The SQLSTATE that comes nearest to an error of SQLite, which has none of its own.</summary>
internal static class SqliteStates
{
    public const string Cancelled = "57014";
    public const string Conflict = "40001";

    /// <param name="code">The extended result code (https://sqlite.org/rescode.html).</param>
    /// <param name="message">The message; SQLite has one code for all that is wrong with a statement's text.</param>
    public static string Of(int code, string message) => code switch
    {
        raw.SQLITE_CONSTRAINT_UNIQUE or raw.SQLITE_CONSTRAINT_PRIMARYKEY or raw.SQLITE_CONSTRAINT_ROWID => "23505",
        raw.SQLITE_CONSTRAINT_NOTNULL => "23502",
        raw.SQLITE_CONSTRAINT_FOREIGNKEY => "23503",
        raw.SQLITE_CONSTRAINT_CHECK => "23514",
        _ when (code & 0xFF) == raw.SQLITE_CONSTRAINT => "23000",
        _ when (code & 0xFF) == raw.SQLITE_MISMATCH => "42804",
        _ when (code & 0xFF) == raw.SQLITE_READONLY => "25006",
        _ when message.StartsWith("no such table", StringComparison.Ordinal) => "42P01",
        _ when message.StartsWith("no such column", StringComparison.Ordinal) || message.Contains("has no column named", StringComparison.Ordinal) => "42703",
        _ when message.StartsWith("no such function", StringComparison.Ordinal) => "42883",
        _ when message.EndsWith("syntax error", StringComparison.Ordinal) || message.StartsWith("incomplete input", StringComparison.Ordinal) => "42601",
        _ => "42000",
    };
}
