using System.Data.Common;
using System.Net.Sockets;
using HeliosEdge.Access.Audit;
using HeliosEdge.Access.Keys;
using Npgsql;
using NpgsqlTypes;

namespace HeliosEdge.Access.Stores;

/// <summary>
/// Keys and the log of changes in PostgreSQL, for all silos that share the database. Their tables have a version of their own: the command
/// that makes keys knows them, and no others.
/// </summary>
internal sealed class PostgresAccessStore : IAccessStore
{
    /// <summary>The advisory lock under which the tables are made: the bytes of "hkeys".</summary>
    private const long MigrationLock = 0x686B657973;

    /// <summary>What brings the tables from each version to the next. Only ever added to.</summary>
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE api_keys (
            number BIGINT GENERATED ALWAYS AS IDENTITY,
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            scopes TEXT NOT NULL,
            salt BYTEA NOT NULL,
            hash BYTEA NOT NULL,
            rate INTEGER,
            burst INTEGER,
            created_at BIGINT NOT NULL,
            expires_at BIGINT,
            revoked_at BIGINT
        );
        CREATE TABLE audit (
            number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            at BIGINT NOT NULL,
            who TEXT NOT NULL,
            action TEXT NOT NULL,
            target TEXT NOT NULL,
            status INTEGER,
            address TEXT NOT NULL
        );
        """,
    ];

    /// <summary>Connections for keys and the log of changes; who comes when all are taken waits.</summary>
    private const int Connections = 6;

    private readonly NpgsqlDataSource _source;

    /// <summary>Makes a store that connects with its first use, which is to be <see cref="PrepareAsync"/>.</summary>
    public PostgresAccessStore(NpgsqlConnectionStringBuilder settings)
    {
        Location = $"{settings.Host}:{settings.Port}/{settings.Database}";

        // Each request may wait for the keys to be read.
        _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Timeout = 5, CommandTimeout = 10, MaxPoolSize = Connections });
    }

    public string Location { get; }

    /// <summary>Whether silos, or the command that makes keys, have been in the database.</summary>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public async Task<bool> IsOfSilosAsync()
    {
        try
        {
            await using var command = _source.CreateCommand("SELECT to_regclass('schema_version') IS NOT NULL OR to_regclass('access_version') IS NOT NULL");
            return (bool)(await command.ExecuteScalarAsync())!;
        }
        catch (Exception e) when (e is DbException or SocketException or TimeoutException)
        {
            throw CannotBeUsed(e);
        }
    }

    /// <summary>Makes the tables, or brings them to this version; whoever does it at the same time is waited for.</summary>
    /// <exception cref="IOException">The database cannot be used, or its keys belong to a later version.</exception>
    public async Task PrepareAsync()
    {
        try
        {
            await WriteAsync(MigrateAsync);
        }
        catch (Exception e) when (e is DbException or SocketException or TimeoutException)
        {
            throw CannotBeUsed(e);
        }
    }

    public async Task<IReadOnlyList<ApiKey>> ReadAllAsync()
    {
        await using var command = _source.CreateCommand(
            "SELECT id, name, scopes, salt, hash, rate, burst, created_at, expires_at, revoked_at FROM api_keys ORDER BY number");
        await using var reader = await command.ExecuteReaderAsync();
        var keys = new List<ApiKey>();
        while (await reader.ReadAsync())
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
                CreatedAt = Time(reader.GetInt64(7)),
                ExpiresAt = reader.IsDBNull(8) ? null : Time(reader.GetInt64(8)),
                RevokedAt = reader.IsDBNull(9) ? null : Time(reader.GetInt64(9)),
            });
        }

        return keys;
    }

    public Task AddAsync(ApiKey key) => WriteAsync(connection => ExecuteAsync(
        connection,
        """
        INSERT INTO api_keys (id, name, scopes, salt, hash, rate, burst, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        Text(key.Id),
        Text(key.Name),
        Text(string.Join(' ', ScopeWords.Words(key.Scopes))),
        Value(NpgsqlDbType.Bytea, key.Salt),
        Value(NpgsqlDbType.Bytea, key.Hash),
        Number(key.Rate),
        Number(key.Burst),
        Ticks(key.CreatedAt),
        Ticks(key.ExpiresAt)));

    public Task<Revocation> RevokeAsync(string id, DateTimeOffset now, bool keepAnAdmin) => WriteAsync(async connection =>
    {
        // Two that each look whether there is another administrator must not do so at the same time; readers need not wait.
        await ExecuteAsync(connection, "LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE");
        switch (await ScalarAsync(connection, "SELECT revoked_at IS NULL FROM api_keys WHERE id = $1", Text(id)))
        {
            case null:
                return Revocation.NotFound;
            case false:
                return Revocation.Revoked;
        }

        const string others = """
            SELECT count(*) FROM api_keys WHERE id <> $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
                AND ' ' || scopes || ' ' LIKE '% admin %'
            """;
        if (keepAnAdmin && await ScalarAsync(connection, others, Text(id), Ticks(now)) is 0L)
        {
            return Revocation.LastAdmin;
        }

        await ExecuteAsync(connection, "UPDATE api_keys SET revoked_at = $2 WHERE id = $1", Text(id), Ticks(now));
        return Revocation.Revoked;
    });

    public Task<long> BeginAsync(AuditEntry entry) => WriteAsync(async connection => (long)(await ScalarAsync(
        connection,
        "INSERT INTO audit (at, who, action, target, status, address) VALUES ($1, $2, $3, $4, $5, $6) RETURNING number",
        Ticks(entry.At),
        Text(entry.Who),
        Text(entry.Action),
        Text(entry.Target),
        Number(entry.Status),
        Text(entry.Address)))!);

    public Task CompleteAsync(long number, string target, int status) => WriteAsync(connection => ExecuteAsync(
        connection,
        "UPDATE audit SET target = $2, status = $3 WHERE number = $1 AND status IS NULL",
        Value(NpgsqlDbType.Bigint, number),
        Text(target),
        Number(status)));

    public Task<int> ForgetAsync(DateTimeOffset before) =>
        WriteAsync(connection => ExecuteAsync(connection, "DELETE FROM audit WHERE at < $1", Ticks(before)));

    public async Task<IReadOnlyList<AuditEntry>> ReadAsync(long? before, int limit)
    {
        await using var command = _source.CreateCommand(
            "SELECT number, at, who, action, target, status, address FROM audit WHERE number < $1 ORDER BY number DESC LIMIT $2");
        command.Parameters.Add(Value(NpgsqlDbType.Bigint, before ?? long.MaxValue));
        command.Parameters.Add(Number(limit));
        await using var reader = await command.ExecuteReaderAsync();
        var entries = new List<AuditEntry>();
        while (await reader.ReadAsync())
        {
            entries.Add(new AuditEntry(
                reader.GetInt64(0),
                Time(reader.GetInt64(1)),
                reader.GetString(2),
                reader.GetString(3),
                reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetInt32(5),
                reader.GetString(6)));
        }

        return entries;
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    // The server's and the driver's messages have no password in them.
    private IOException CannotBeUsed(Exception e) => new($"The database of keys {Location} cannot be used: {e.Message}", e);

    // PostgreSQL's own times end at microseconds; a key is read as it was made.
    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);

    private static NpgsqlParameter Ticks(DateTimeOffset? time) => Value(NpgsqlDbType.Bigint, time?.UtcTicks);

    private static NpgsqlParameter Number(int? number) => Value(NpgsqlDbType.Integer, number);

    private static NpgsqlParameter Text(string text) => Value(NpgsqlDbType.Text, text);

    private static NpgsqlParameter Value(NpgsqlDbType type, object? value) => new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return command;
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteScalarAsync();
    }

    private async Task<int> MigrateAsync(NpgsqlConnection connection)
    {
        await ExecuteAsync(connection, "SELECT pg_advisory_xact_lock($1)", Value(NpgsqlDbType.Bigint, MigrationLock));
        await ExecuteAsync(connection, "CREATE TABLE IF NOT EXISTS access_version (version INTEGER NOT NULL)");
        var version = await ScalarAsync(connection, "SELECT max(version) FROM access_version") as int? ?? 0;
        if (version > Migrations.Length)
        {
            throw new IOException(
                $"The database of keys {Location} has version {version}; this program knows versions up to {Migrations.Length}. It was written by a later release.");
        }

        for (var next = version; next < Migrations.Length; next++)
        {
            await ExecuteAsync(connection, Migrations[next]);
            await ExecuteAsync(connection, "INSERT INTO access_version (version) VALUES ($1)", Number(next + 1));
        }

        return version;
    }

    private async Task<T> WriteAsync<T>(Func<NpgsqlConnection, Task<T>> write)
    {
        await using var connection = await _source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var result = await write(connection);
        await transaction.CommitAsync();
        return result;
    }
}
