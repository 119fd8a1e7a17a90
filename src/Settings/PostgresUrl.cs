using Npgsql;

namespace HeliosEdge.Settings;

/// <summary>The address of a PostgreSQL database: <c>postgres://user:password@host:port/database</c>.</summary>
internal static class PostgresUrl
{
    private const string Example = "an address looks like postgres://user:password@host:5432/database";

    public static bool IsOne(string text) =>
        text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads an address. What it throws never quotes it: there may be a password in it.</summary>
    /// <param name="text">The address.</param>
    /// <param name="option">The setting that it is of.</param>
    /// <param name="otherwise">What else that setting may be.</param>
    /// <exception cref="InvalidSettingException">It is none.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string text, string option = "store", string otherwise = "sqlite")
    {
        if (!IsOne(text) || !Uri.TryCreate(text, UriKind.Absolute, out var uri))
        {
            throw new InvalidSettingException($"--{option} is {otherwise} or the address of a PostgreSQL database; {Example}.");
        }

        var user = uri.UserInfo.Split(':', 2);
        var database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        if (uri.Host.Length == 0)
        {
            throw new InvalidSettingException($"--{option} names no host; {Example}.");
        }

        if (user[0].Length == 0)
        {
            throw new InvalidSettingException($"--{option} names no user; {Example}.");
        }

        if (database.Length == 0 || database.Contains('/', StringComparison.Ordinal))
        {
            throw new InvalidSettingException($"--{option} names no database; {Example}.");
        }

        if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw new InvalidSettingException($"--{option} has something after the database's name, which is not known; {Example}.");
        }

        return new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port < 0 ? 5432 : uri.Port,
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            Database = database,
            ApplicationName = "HeliosEdge",
            Options = "-c synchronous_commit=on",
        };
    }
}
