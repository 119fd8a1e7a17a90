using System.Data.Common;
using Dapper;
using HeliosEdge.Sandbox.HostServices.Sqlite;
using HeliosEdge.Settings;
using Microsoft.Data.Sqlite;

namespace HeliosEdge.Storage.Sqlite;

/// <summary>
/// The silo's SQLite database. It runs in WAL mode, so that readers never wait for a writer, with <c>synchronous=FULL</c>: a commit
/// returns once the system says that the write-ahead log is on disk, and that is when the silo acknowledges a change.
/// </summary>
internal sealed class SiloDatabase(string path) : IStateDatabase, IDisposable
{
    /// <summary>What brings a database from each version to the next; the version is SQLite's <c>user_version</c>. Only ever added to.</summary>
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE modules (
            hash TEXT NOT NULL PRIMARY KEY,
            stored_at TEXT NOT NULL,
            bytes BLOB NOT NULL
        ) STRICT;
        CREATE TABLE functions (
            name TEXT NOT NULL PRIMARY KEY,
            module TEXT NOT NULL REFERENCES modules (hash),
            abi TEXT NOT NULL,
            entry TEXT NOT NULL,
            regions TEXT NOT NULL,
            memory_mib INTEGER NOT NULL,
            timeout_ms INTEGER NOT NULL,
            max_payload_bytes INTEGER NOT NULL,
            max_response_bytes INTEGER NOT NULL,
            registered_at TEXT NOT NULL
        ) STRICT;
        """,
        """
        ALTER TABLE functions ADD COLUMN profile TEXT NOT NULL DEFAULT 'minimal';
        ALTER TABLE functions ADD COLUMN capabilities TEXT NOT NULL DEFAULT '';
        """,
        """
        CREATE TABLE definitions (
            name TEXT NOT NULL PRIMARY KEY,
            module TEXT NOT NULL REFERENCES modules (hash),
            definition TEXT NOT NULL,
            registered_at TEXT NOT NULL
        ) STRICT;
        INSERT INTO definitions (name, module, definition, registered_at)
        SELECT name, module, json_object(
            'name', name, 'module', module, 'abi', abi, 'entry', entry, 'profile', profile,
            'regions', json('["' || replace(regions, ',', '","') || '"]'),
            'capabilities', json(CASE capabilities WHEN '' THEN '[]' ELSE '["' || replace(capabilities, ',', '","') || '"]' END),
            'env', json('{}'), 'args', json('[]'), 'config', json('{}'), 'allowedHosts', json('[]'), 'bundles', json('{}'),
            'limits', json_object(
                'memoryMiB', memory_mib, 'tableElements', 100000, 'maxInstances', 100, 'maxModuleBytes', 16777216, 'stackKiB', 1024,
                'timeoutMs', timeout_ms, 'maxPayloadBytes', max_payload_bytes, 'maxResponseBytes', max_response_bytes,
                'maxStringBytes', 65536, 'maxQueryBytes', 65536, 'maxConfigBytes', 65536, 'maxAllocationBytes', 16777216,
                'maxHostCalls', 10000, 'maxLogBytes', 65536)), registered_at
        FROM functions;
        DROP TABLE functions;
        ALTER TABLE definitions RENAME TO functions;
        """,
        """
        CREATE TABLE bundles (
            hash TEXT NOT NULL PRIMARY KEY,
            stored_at TEXT NOT NULL,
            files INTEGER NOT NULL,
            file_bytes INTEGER NOT NULL,
            bytes BLOB NOT NULL
        ) STRICT;
        """,
        """
        CREATE TABLE invocations (
            id TEXT NOT NULL PRIMARY KEY,
            function TEXT NOT NULL,
            region TEXT NOT NULL,
            payload BLOB NOT NULL,
            state INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            max_attempts INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            lease_owner TEXT,
            response BLOB,
            fault TEXT,
            idempotency_key TEXT,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            UNIQUE (function, region, idempotency_key)
        ) STRICT;
        CREATE INDEX invocations_due ON invocations (region, due_at) WHERE state <= 1;
        CREATE INDEX invocations_by_state ON invocations (state, id);
        CREATE INDEX invocations_expiry ON invocations (expires_at);
        CREATE TABLE results (
            function TEXT NOT NULL,
            region TEXT NOT NULL,
            idempotency_key TEXT NOT NULL,
            result BLOB NOT NULL,
            expires_at INTEGER NOT NULL,
            PRIMARY KEY (function, region, idempotency_key)
        ) STRICT;
        CREATE INDEX results_expiry ON results (expires_at);
        """,
        """
        ALTER TABLE invocations ADD COLUMN started_at INTEGER;
        ALTER TABLE invocations ADD COLUMN ended_at INTEGER;
        CREATE TABLE fanouts (
            id TEXT NOT NULL PRIMARY KEY,
            function TEXT NOT NULL,
            mode INTEGER NOT NULL,
            needed INTEGER NOT NULL,
            invocations TEXT NOT NULL,
            idempotency_key TEXT,
            decided INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            UNIQUE (function, idempotency_key)
        ) STRICT;
        CREATE INDEX fanouts_undecided ON fanouts (id) WHERE decided = 0;
        CREATE INDEX fanouts_expiry ON fanouts (expires_at);
        """,
        """
        CREATE TABLE numbered (name TEXT NOT NULL PRIMARY KEY, latest INTEGER NOT NULL) STRICT;
        INSERT INTO numbered (name, latest) SELECT name, 1 FROM functions;
        CREATE TABLE function_versions (
            name TEXT NOT NULL REFERENCES numbered (name) ON DELETE CASCADE,
            version INTEGER NOT NULL,
            module TEXT NOT NULL REFERENCES modules (hash),
            definition TEXT NOT NULL,
            created_at TEXT NOT NULL,
            weight INTEGER NOT NULL,
            PRIMARY KEY (name, version)
        ) STRICT;
        INSERT INTO function_versions (name, version, module, definition, created_at, weight)
        SELECT name, 1, module, definition, registered_at, 100 FROM functions;
        DROP TABLE functions;
        ALTER TABLE numbered RENAME TO functions;
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
            due_at INTEGER NOT NULL,
            problem TEXT,
            revision INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            PRIMARY KEY (function, peer)
        ) STRICT;
        CREATE INDEX deployments_due ON deployments (due_at) WHERE state = 0;
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
    ];

    private readonly string _connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = SqliteOpenMode.ReadWriteCreate,
        ForeignKeys = true,
        DefaultTimeout = 30,
    }.ToString();

    private readonly SemaphoreSlim _writer = new(1);

    /// <inheritdoc/>
    public string Location => path;

    /// <inheritdoc/>
    string IStateDatabase.SkipLocked => "";

    /// <inheritdoc/>
    string IStateDatabase.IsAnyOf(string column, string parameter) => $"{column} IN {parameter}";

    /// <inheritdoc/>
    Task IStateDatabase.EnterAsync(DbConnection connection, DbTransaction transaction, string name) => Task.CompletedTask;

    /// <summary>Brings the database to this version, making it if it does not exist.</summary>
    /// <exception cref="SiloStartException">It is none, cannot be written, or belongs to a later version.</exception>
    public void Migrate()
    {
        try
        {
            using var connection = Open();
            var mode = connection.ExecuteScalar<string>("PRAGMA journal_mode = WAL");
            if (mode != "wal")
            {
                throw new SiloStartException($"The database {path} cannot use a write-ahead log on this file system (journal mode {mode}).");
            }

            using var transaction = connection.BeginTransaction(deferred: false);
            var version = connection.ExecuteScalar<int>("PRAGMA user_version", transaction: transaction);
            if (version > Migrations.Length)
            {
                throw new SiloStartException(
                    $"The database {path} has version {version}; this silo knows versions up to {Migrations.Length}. It was written by a later release.");
            }

            foreach (var migration in Migrations.AsSpan(version))
            {
                connection.Execute(migration, transaction: transaction);
            }

            // PRAGMA takes no parameters; the value is our own number.
            connection.Execute($"PRAGMA user_version = {Migrations.Length}", transaction: transaction);
            transaction.Commit();
        }
        catch (SqliteException e)
        {
            throw new SiloStartException($"The database {path} cannot be opened: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public Task MigrateAsync()
    {
        Migrate();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    async Task<T> IStateDatabase.ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await using var connection = Open();
        return await read(connection).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    async Task<T> IStateDatabase.WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancel)
    {
        // SQLite has one writer at a time. Waiting here costs nothing; waiting inside SQLite is a loop of sleeps.
        await _writer.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await using var connection = Open();
            try
            {
                await using var transaction = connection.BeginTransaction(deferred: false);
                var result = await write(connection, transaction).ConfigureAwait(false);
                await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
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

    public void Dispose()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
        _writer.Dispose();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            connection.Execute("PRAGMA synchronous = FULL");
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
