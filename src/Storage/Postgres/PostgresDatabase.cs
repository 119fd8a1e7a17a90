using System.Data.Common;
using System.Net.Sockets;
using System.Security.Cryptography;
using Dapper;
using HeliosEdge.Settings;
using HeliosEdge.Storage.Watching;
using Npgsql;

namespace HeliosEdge.Storage.Postgres;

/// <summary>
/// The silo's state in PostgreSQL, which several silos may share. With <c>synchronous_commit</c> on, a commit returns once it is on the
/// server's disk, whatever the server's own default is.
/// </summary>
internal sealed class PostgresDatabase(NpgsqlConnectionStringBuilder settings) : IStateDatabase, IAsyncDisposable, IDisposable
{
    /// <summary>The advisory lock that silos take while they migrate: the bytes of "helios".</summary>
    private const long MigrationLock = 0x68656C696F73;

    /// <summary>What brings a database from each version to the next. Only ever added to.</summary>
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE modules (
            hash TEXT NOT NULL PRIMARY KEY,
            stored_at TEXT NOT NULL,
            bytes BYTEA NOT NULL
        );
        CREATE TABLE functions (
            name TEXT NOT NULL PRIMARY KEY,
            module TEXT NOT NULL REFERENCES modules (hash),
            definition TEXT NOT NULL,
            registered_at TEXT NOT NULL
        );
        CREATE TABLE invocations (
            id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
            function TEXT NOT NULL,
            region TEXT NOT NULL,
            payload BYTEA NOT NULL,
            state INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            max_attempts INTEGER NOT NULL,
            due_at BIGINT NOT NULL,
            lease_owner TEXT,
            response BYTEA,
            fault TEXT,
            idempotency_key TEXT,
            created_at BIGINT NOT NULL,
            expires_at BIGINT NOT NULL,
            UNIQUE (function, region, idempotency_key)
        );
        CREATE INDEX invocations_due ON invocations (region, due_at) WHERE state <= 1;
        CREATE INDEX invocations_by_state ON invocations (state, id);
        CREATE INDEX invocations_expiry ON invocations (expires_at);
        CREATE TABLE results (
            function TEXT NOT NULL,
            region TEXT NOT NULL,
            idempotency_key TEXT NOT NULL,
            result BYTEA NOT NULL,
            expires_at BIGINT NOT NULL,
            PRIMARY KEY (function, region, idempotency_key)
        );
        CREATE INDEX results_expiry ON results (expires_at);
        """,
        """
        CREATE TABLE bundles (
            hash TEXT NOT NULL PRIMARY KEY,
            stored_at TEXT NOT NULL,
            files INTEGER NOT NULL,
            file_bytes BIGINT NOT NULL,
            bytes BYTEA NOT NULL
        );
        CREATE TABLE key_entries (
            region TEXT NOT NULL,
            function TEXT NOT NULL,
            key BYTEA NOT NULL,
            value BYTEA NOT NULL,
            PRIMARY KEY (region, function, key)
        );
        CREATE TABLE key_usage (
            region TEXT NOT NULL,
            function TEXT NOT NULL,
            bytes BIGINT NOT NULL,
            keys BIGINT NOT NULL,
            PRIMARY KEY (region, function)
        );
        """,
        """
        ALTER TABLE invocations ADD COLUMN started_at BIGINT;
        ALTER TABLE invocations ADD COLUMN ended_at BIGINT;
        CREATE TABLE fanouts (
            id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
            function TEXT NOT NULL,
            mode INTEGER NOT NULL,
            needed INTEGER NOT NULL,
            invocations TEXT NOT NULL,
            idempotency_key TEXT,
            decided INTEGER NOT NULL,
            created_at BIGINT NOT NULL,
            expires_at BIGINT NOT NULL,
            UNIQUE (function, idempotency_key)
        );
        CREATE INDEX fanouts_undecided ON fanouts (id) WHERE decided = 0;
        CREATE INDEX fanouts_expiry ON fanouts (expires_at);
        """,
        """
        ALTER TABLE functions RENAME TO registrations;
        CREATE TABLE functions (name TEXT NOT NULL PRIMARY KEY, latest INTEGER NOT NULL);
        INSERT INTO functions (name, latest) SELECT name, 1 FROM registrations;
        CREATE TABLE function_versions (
            name TEXT NOT NULL REFERENCES functions (name) ON DELETE CASCADE,
            version INTEGER NOT NULL,
            module TEXT NOT NULL REFERENCES modules (hash),
            definition TEXT NOT NULL,
            created_at TEXT NOT NULL,
            weight INTEGER NOT NULL,
            PRIMARY KEY (name, version)
        );
        INSERT INTO function_versions (name, version, module, definition, created_at, weight)
        SELECT name, 1, module, definition, registered_at, 100 FROM registrations;
        DROP TABLE registrations;
        CREATE INDEX function_versions_with_traffic ON function_versions (name) WHERE weight > 0;
        """,
        """
        CREATE TABLE deployments (
            function TEXT NOT NULL,
            peer TEXT NOT NULL,
            regions TEXT NOT NULL,
            registration TEXT,
            module TEXT NOT NULL,
            bundles TEXT NOT NULL,
            state INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            due_at BIGINT NOT NULL,
            problem TEXT,
            revision BIGINT NOT NULL,
            updated_at BIGINT NOT NULL,
            PRIMARY KEY (function, peer)
        );
        CREATE INDEX deployments_due ON deployments (due_at) WHERE state = 0;
        """,
        """
        CREATE TABLE catalog (revision BIGINT NOT NULL);
        INSERT INTO catalog (revision) VALUES (0);
        CREATE TABLE function_changes (
            revision BIGINT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL
        );
        CREATE FUNCTION log_function_change() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            changed TEXT := CASE TG_OP WHEN 'DELETE' THEN OLD.name ELSE NEW.name END;
            next BIGINT;
        BEGIN
            UPDATE catalog SET revision = revision + 1 RETURNING revision INTO next;
            INSERT INTO function_changes (revision, name) VALUES (next, changed);
            DELETE FROM function_changes WHERE revision <= next - 10000;
            PERFORM pg_notify('helios_functions', changed);
            RETURN NULL;
        END
        $$;
        CREATE CONSTRAINT TRIGGER function_changed AFTER INSERT OR UPDATE OR DELETE ON functions
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION log_function_change();
        """,
        """
        ALTER TABLE invocations ADD COLUMN postponed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE invocations ADD COLUMN trace_parent TEXT;
        ALTER TABLE invocations ADD COLUMN fanout_id TEXT;
        UPDATE invocations SET expires_at = 9223372036854775807 WHERE state <= 1;
        UPDATE fanouts SET expires_at = 9223372036854775807 WHERE decided = 0;
        CREATE INDEX invocations_of_fanouts ON invocations (fanout_id) WHERE fanout_id IS NOT NULL;
        """,
        """
        ALTER TABLE fanouts ADD COLUMN unsure TEXT NOT NULL DEFAULT '[]';
        """,
        """
        ALTER TABLE invocations ADD COLUMN owner TEXT;
        ALTER TABLE fanouts ADD COLUMN owner TEXT;
        CREATE INDEX invocations_of_owners ON invocations (owner, state, id) WHERE owner IS NOT NULL;
        CREATE INDEX invocations_by_key ON invocations (function, idempotency_key) WHERE idempotency_key IS NOT NULL;
        CREATE INDEX results_by_key ON results (function, idempotency_key);
        """,
        """
        CREATE TABLE sql_regions (
            region TEXT NOT NULL PRIMARY KEY,
            folder TEXT NOT NULL,
            place TEXT NOT NULL,
            entered_at TEXT NOT NULL
        );
        """,
    ];

    /// <summary>The channel that the database notifies of each change of a function, when it is committed.</summary>
    public const string FunctionsChannel = "helios_functions";

    /// <summary>How often a transaction is begun that the server ends in favour of another one.</summary>
    private const int MaxAttempts = 10;

    /// <summary>Connections for the silo's own state; who comes when all are taken waits.</summary>
    public const int StateConnections = 12;

    /// <summary>Connections for the keys of functions, beside the others: functions that wait for each other do not hold the silo up.</summary>
    public const int GuestConnections = 8;

    private readonly NpgsqlDataSource _source = Pool(settings, StateConnections);
    private readonly NpgsqlDataSource _guests = Pool(settings, GuestConnections);

    /// <inheritdoc/>
    public string Location => $"{settings.Host}:{settings.Port}/{settings.Database}";

    /// <inheritdoc/>
    public string SkipLocked => "FOR UPDATE SKIP LOCKED";

    /// <inheritdoc/>
    public string IsAnyOf(string column, string parameter) => $"{column} = ANY({parameter})";

    /// <inheritdoc/>
    public Task EnterAsync(DbConnection connection, DbTransaction transaction, string name) =>
        connection.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended(@name, 0))", new { name }, transaction);

    /// <inheritdoc/>
    public async Task MigrateAsync()
    {
        try
        {
            await WriteAsync(async (connection, transaction) =>
            {
                await connection.ExecuteAsync("SELECT pg_advisory_xact_lock(@MigrationLock)", new { MigrationLock }, transaction).ConfigureAwait(false);
                await connection.ExecuteAsync(
                    "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)", transaction: transaction).ConfigureAwait(false);
                var version = await connection.ExecuteScalarAsync<int?>(
                    "SELECT max(version) FROM schema_version", transaction: transaction).ConfigureAwait(false) ?? 0;
                if (version > Migrations.Length)
                {
                    throw new SiloStartException(
                        $"The database {Location} has version {version}; this silo knows versions up to {Migrations.Length}. It was written by a later release.");
                }

                for (var next = version; next < Migrations.Length; next++)
                {
                    await connection.ExecuteAsync(Migrations[next], transaction: transaction).ConfigureAwait(false);
                    await connection.ExecuteAsync(
                        "INSERT INTO schema_version (version) VALUES (@version)", new { version = next + 1 }, transaction).ConfigureAwait(false);
                }

                return version;
            }).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException)
        {
            // The server's and the driver's messages have no password in them.
            throw new SiloStartException($"The database {Location} cannot be used: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancel = default)
    {
        await using var connection = await _source.OpenConnectionAsync(cancel).ConfigureAwait(false);
        return await read(connection).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancel = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteOnceAsync(write, cancel).ConfigureAwait(false);
            }
            catch (PostgresException e) when (attempt < MaxAttempts && WasGivenUp(e))
            {
                await Task.Delay(Random.Shared.Next(attempt * 20), cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// A connection of its own that listens to a channel. While it waits it asks the server every few seconds whether it is still there, so
    /// that one that was lost without a word is noticed.
    /// </summary>
    /// <exception cref="NpgsqlException">The server is not there or refuses.</exception>
    public async Task<NpgsqlConnection> ListenAsync(string channel, CancellationToken cancel)
    {
        var own = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false, KeepAlive = 5, Timeout = 5 };
        var connection = new NpgsqlConnection(own.ConnectionString);
        try
        {
            await connection.OpenAsync(cancel).ConfigureAwait(false);
            await using var listen = new NpgsqlCommand($"LISTEN {channel}", connection);
            await listen.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Writes as others do, and leaves everything as it was: a row that needs room on the disk, which a changed number may not.</summary>
    public Task ProbeAsync() => WriteAsync(async (connection, transaction) =>
    {
        var probe = new { hash = $"probe {Guid.NewGuid():N}", bytes = RandomNumberGenerator.GetBytes(FileProbe.Bytes) };
        await connection.ExecuteAsync("INSERT INTO modules (hash, stored_at, bytes) VALUES (@hash, '', @bytes)", probe, transaction).ConfigureAwait(false);
        return await connection.ExecuteAsync("DELETE FROM modules WHERE hash = @hash", probe, transaction).ConfigureAwait(false);
    });

    /// <summary>A connection for a guest's call, whose thread waits for it.</summary>
    public NpgsqlConnection OpenForGuest() => _guests.OpenConnection();

    public void Dispose()
    {
        _source.Dispose();
        _guests.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync().ConfigureAwait(false);
        await _guests.DisposeAsync().ConfigureAwait(false);
    }

    private static NpgsqlDataSource Pool(NpgsqlConnectionStringBuilder settings, int connections) =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { MaxPoolSize = connections });

    private static bool WasGivenUp(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;

    private async Task<T> WriteOnceAsync<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancel)
    {
        await using var connection = await _source.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancel).ConfigureAwait(false);
        var result = await write(connection, transaction).ConfigureAwait(false);
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        return result;
    }
}
