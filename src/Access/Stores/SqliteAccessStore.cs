using System.Globalization;
using HeliosEdge.Access.Audit;
using HeliosEdge.Access.Keys;
using HeliosEdge.Sandbox.HostServices.Sqlite;
using Microsoft.Data.Sqlite;

namespace HeliosEdge.Access.Stores;

/// <summary>
/// Keys and the log of changes in a SQLite database of their own. The silo and the command that makes keys may have it open
/// at the same time. Only the file's owner can read it.
/// </summary>
internal sealed class SqliteAccessStore : IAccessStore, IDisposable
{
    /// <summary>The file's name in a silo's data folder.</summary>
    public const string FileName = "access.db";

    /// <summary>What brings a database from each version to the next; the version is SQLite's <c>user_version</c>. Only ever added to.</summary>
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE keys (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            scopes TEXT NOT NULL,
            salt BLOB NOT NULL,
            hash BLOB NOT NULL,
            rate INTEGER,
            burst INTEGER,
            created_at TEXT NOT NULL,
            expires_at TEXT,
            revoked_at TEXT
        ) STRICT;
        CREATE TABLE audit (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL,
            who TEXT NOT NULL,
            action TEXT NOT NULL,
            target TEXT NOT NULL,
            status INTEGER,
            address TEXT NOT NULL
        ) STRICT;
        """,
    ];

    private readonly string _connectionString;
    private readonly SemaphoreSlim _writer = new(1);

    /// <summary>Opens the database in a silo's data folder, making it if it does not exist.</summary>
    /// <exception cref="IOException">It is none, cannot be opened, or belongs to a later version.</exception>
    public SqliteAccessStore(string folder)
    {
        Path = System.IO.Path.Combine(folder, FileName);
        _connectionString = new SqliteConnectionStringBuilder { DataSource = Path, DefaultTimeout = 30 }.ToString();
        try
        {
            // SQLite gives its other files the same mode.
            var mode = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete };
            if (!OperatingSystem.IsWindows())
            {
                mode.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            new FileStream(Path, mode).Dispose();
            Migrate();
        }
        catch (Exception e) when (e is SqliteException or UnauthorizedAccessException)
        {
            throw new IOException($"The database of keys {Path} cannot be opened: {e.Message}", e);
        }
    }

    public string Path { get; }

    string IAccessStore.Location => Path;

    public Task<IReadOnlyList<ApiKey>> ReadAllAsync()
    {
        using var connection = Open();
        using var command = Command(
            connection, null, "SELECT id, name, scopes, salt, hash, rate, burst, created_at, expires_at, revoked_at FROM keys ORDER BY rowid");
        using var reader = command.ExecuteReader();
        var keys = new List<ApiKey>();
        while (reader.Read())
        {
            keys.Add(new ApiKey
            {
                Id = reader.GetString(0),
                Name = reader.GetString(1),
                Scopes = ScopeWords.Parse(reader.GetString(2).Split(' ')),
                Salt = (byte[])reader[3],
                Hash = (byte[])reader[4],
                Rate = reader.IsDBNull(5) ? null : reader.GetInt32(5),
                Burst = reader.IsDBNull(6) ? null : reader.GetInt32(6),
                CreatedAt = Time(reader.GetString(7)),
                ExpiresAt = reader.IsDBNull(8) ? null : Time(reader.GetString(8)),
                RevokedAt = reader.IsDBNull(9) ? null : Time(reader.GetString(9)),
            });
        }

        return Task.FromResult<IReadOnlyList<ApiKey>>(keys);
    }

    public Task AddAsync(ApiKey key) => WriteAsync((connection, transaction) =>
    {
        using var command = Command(
            connection,
            transaction,
            """
            INSERT INTO keys (id, name, scopes, salt, hash, rate, burst, created_at, expires_at)
            VALUES ($id, $name, $scopes, $salt, $hash, $rate, $burst, $created, $expires)
            """,
            ("$id", key.Id),
            ("$name", key.Name),
            ("$scopes", string.Join(' ', ScopeWords.Words(key.Scopes))),
            ("$salt", key.Salt),
            ("$hash", key.Hash),
            ("$rate", key.Rate),
            ("$burst", key.Burst),
            ("$created", Text(key.CreatedAt)),
            ("$expires", key.ExpiresAt is { } expires ? Text(expires) : null));
        return command.ExecuteNonQuery();
    });

    public Task<Revocation> RevokeAsync(string id, DateTimeOffset now, bool keepAnAdmin) => WriteAsync((connection, transaction) =>
    {
        // Times are all in UTC and of one length, so that text compares as they do.
        using var others = Command(
            connection,
            transaction,
            """
            SELECT count(*) FROM keys WHERE id <> $id AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $now)
                AND ' ' || scopes || ' ' LIKE '% admin %'
            """,
            ("$id", id),
            ("$now", Text(now)));
        using var known = Command(connection, transaction, "SELECT revoked_at IS NULL FROM keys WHERE id = $id", ("$id", id));
        switch (known.ExecuteScalar())
        {
            case null:
                return Revocation.NotFound;
            case 0L:
                return Revocation.Revoked;
        }

        if (keepAnAdmin && (long)others.ExecuteScalar()! == 0)
        {
            return Revocation.LastAdmin;
        }

        using var revoke = Command(connection, transaction, "UPDATE keys SET revoked_at = $now WHERE id = $id", ("$id", id), ("$now", Text(now)));
        revoke.ExecuteNonQuery();
        return Revocation.Revoked;
    });

    public Task<long> BeginAsync(AuditEntry entry) => WriteAsync((connection, transaction) =>
    {
        using var command = Command(
            connection,
            transaction,
            "INSERT INTO audit (at, who, action, target, status, address) VALUES ($at, $who, $action, $target, $status, $address) RETURNING number",
            ("$at", Text(entry.At)),
            ("$who", entry.Who),
            ("$action", entry.Action),
            ("$target", entry.Target),
            ("$status", entry.Status),
            ("$address", entry.Address));
        return (long)command.ExecuteScalar()!;
    });

    public Task CompleteAsync(long number, string target, int status) => WriteAsync((connection, transaction) =>
    {
        using var command = Command(
            connection,
            transaction,
            "UPDATE audit SET target = $target, status = $status WHERE number = $number AND status IS NULL",
            ("$number", number),
            ("$target", target),
            ("$status", status));
        return command.ExecuteNonQuery();
    });

    public Task<IReadOnlyList<AuditEntry>> ReadAsync(long? before, int limit)
    {
        using var connection = Open();
        using var command = Command(
            connection,
            null,
            "SELECT number, at, who, action, target, status, address FROM audit WHERE number < $before ORDER BY number DESC LIMIT $limit",
            ("$before", before ?? long.MaxValue),
            ("$limit", limit));
        using var reader = command.ExecuteReader();
        var entries = new List<AuditEntry>();
        while (reader.Read())
        {
            entries.Add(new AuditEntry(
                reader.GetInt64(0),
                Time(reader.GetString(1)),
                reader.GetString(2),
                reader.GetString(3),
                reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetInt32(5),
                reader.GetString(6)));
        }

        return Task.FromResult<IReadOnlyList<AuditEntry>>(entries);
    }

    public Task<int> ForgetAsync(DateTimeOffset before) => WriteAsync((connection, transaction) =>
    {
        using var command = Command(connection, transaction, "DELETE FROM audit WHERE at < $before", ("$before", Text(before)));
        return command.ExecuteNonQuery();
    });

    public void Dispose()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
        _writer.Dispose();
    }

    ValueTask IAsyncDisposable.DisposeAsync()
    {
        Dispose();
        return default;
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);

    private static SqliteCommand Command(
        SqliteConnection connection, SqliteTransaction? transaction, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }

    private void Migrate()
    {
        using var connection = Open();
        using var wal = Command(connection, null, "PRAGMA journal_mode = WAL");
        wal.ExecuteNonQuery();
        using var transaction = connection.BeginTransaction(deferred: false);
        using var read = Command(connection, transaction, "PRAGMA user_version");
        var version = (long)read.ExecuteScalar()!;
        if (version > Migrations.Length)
        {
            throw new IOException(
                $"The database of keys {Path} has version {version}; this program knows versions up to {Migrations.Length}. It was written by a later release.");
        }

        foreach (var migration in Migrations.AsSpan((int)version))
        {
            using var migrate = Command(connection, transaction, migration);
            migrate.ExecuteNonQuery();
        }

        // PRAGMA takes no parameters; the value is our own number.
        using var write = Command(connection, transaction, $"PRAGMA user_version = {Migrations.Length}");
        write.ExecuteNonQuery();
        transaction.Commit();
    }

    private async Task<T> WriteAsync<T>(Func<SqliteConnection, SqliteTransaction, T> write)
    {
        // SQLite has one writer at a time. Waiting here costs nothing; waiting inside SQLite is a loop of sleeps.
        await _writer.WaitAsync().ConfigureAwait(false);
        try
        {
            using var connection = Open();
            try
            {
                using var transaction = connection.BeginTransaction(deferred: false);
                var result = write(connection, transaction);
                transaction.Commit();
                return result;
            }
            finally
            {
                WriteAheadLog.Trim(connection);
            }
        }
        finally
        {
            _writer.Release();
        }
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            using var command = Command(connection, null, "PRAGMA synchronous = FULL");
            command.ExecuteNonQuery();
            WriteAheadLog.Bound(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
