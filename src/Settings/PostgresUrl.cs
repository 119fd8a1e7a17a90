using Npgsql;

namespace HeliosEdge.Settings;

/// <summary>
/// The address of a PostgreSQL database: <c>postgres://user:password@host:port/database</c>, with <c>?sslmode=verify-full</c> and
/// <c>&amp;sslrootcert=file</c> behind it where the way to it is to be encrypted.
/// </summary>
internal static class PostgresUrl
{
    private const string Example = "an address looks like postgres://user:password@host:5432/database";

    private const string SslModes = "disable, prefer, require, verify-ca or verify-full";

    public static bool IsOne(string text) =>
        text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads an address. What it throws never quotes it: there may be a password in it.</summary>
    /// <param name="text">The address.</param>
    /// <param name="option">The setting that it is of.</param>
    /// <param name="otherwise">What else that setting may be; null for nothing.</param>
    /// <exception cref="InvalidSettingException">It is none.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string text, string option = "store", string? otherwise = "sqlite")
    {
        if (!IsOne(text) || !Uri.TryCreate(text, UriKind.Absolute, out var uri))
        {
            throw new InvalidSettingException($"--{option} is {(otherwise is null ? "" : $"{otherwise} or ")}the address of a PostgreSQL database; {Example}.");
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

        if (uri.Fragment.Length > 0)
        {
            throw new InvalidSettingException($"--{option} has a # behind the database's name; in a password or a name it is %23; {Example}.");
        }

        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port < 0 ? 5432 : uri.Port,
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            Database = database,
            ApplicationName = "HeliosEdge",
            Options = "-c synchronous_commit=on",
        };
        Encrypt(settings, uri.Query, option);
        return settings;
    }

    private static void Encrypt(NpgsqlConnectionStringBuilder settings, string query, string option)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = member.Split('=', 2);
            if (!seen.Add(parts[0]))
            {
                throw new InvalidSettingException($"--{option} has the same member twice behind the database's name.");
            }

            var value = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "";
            switch (parts[0])
            {
                case "sslmode":
                    settings.SslMode = value switch
                    {
                        "disable" => SslMode.Disable,
                        "prefer" => SslMode.Prefer,
                        "require" => SslMode.Require,
                        "verify-ca" => SslMode.VerifyCA,
                        "verify-full" => SslMode.VerifyFull,
                        _ => throw new InvalidSettingException($"--{option} has an sslmode that is not known; it is {SslModes}."),
                    };
                    break;
                case "sslrootcert" when value.Length > 0:
                    settings.RootCertificate = value;
                    break;
                default:
                    // A name is shown, but nothing that may be a part of a password with a ? in it.
                    var name = parts.Length > 1 && parts[0].Length <= 32 && parts[0].All(c => char.IsAsciiLetterLower(c) || c == '_') ? $"\"{parts[0]}\"" : "something";
                    throw new InvalidSettingException(
                        $"--{option} has {name} behind the database's name, which is not known; there may be sslmode ({SslModes}) and sslrootcert (a file); {Example}.");
            }
        }

        if (settings.RootCertificate is not null && settings.SslMode is not (SslMode.VerifyCA or SslMode.VerifyFull))
        {
            throw new InvalidSettingException($"--{option} has an sslrootcert, which is for sslmode=verify-ca and sslmode=verify-full only.");
        }
    }
}
