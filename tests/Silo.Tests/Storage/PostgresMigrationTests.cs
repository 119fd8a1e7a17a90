using System.Security.Cryptography;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Tests.Running;
using HeliosEdge.Storage.Postgres;
using Npgsql;

namespace HeliosEdge.Silo.Tests.Storage;

[Trait("Category", "Slow")]
public sealed class PostgresMigrationTests
{
    /// <summary>As the release before versions left it.</summary>
    private const string BeforeVersions = """
        CREATE TABLE schema_version (version INTEGER NOT NULL);
        INSERT INTO schema_version (version) VALUES (1), (2), (3);
        CREATE TABLE modules (hash TEXT NOT NULL PRIMARY KEY, stored_at TEXT NOT NULL, bytes BYTEA NOT NULL);
        CREATE TABLE functions (
            name TEXT NOT NULL PRIMARY KEY, module TEXT NOT NULL REFERENCES modules (hash), definition TEXT NOT NULL, registered_at TEXT NOT NULL);
        CREATE TABLE invocations (
            id TEXT COLLATE "C" NOT NULL PRIMARY KEY, function TEXT NOT NULL, region TEXT NOT NULL, payload BYTEA NOT NULL, state INTEGER NOT NULL,
            attempt INTEGER NOT NULL, max_attempts INTEGER NOT NULL, due_at BIGINT NOT NULL, lease_owner TEXT, response BYTEA, fault TEXT,
            idempotency_key TEXT, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, started_at BIGINT, ended_at BIGINT,
            UNIQUE (function, region, idempotency_key));
        CREATE TABLE results (
            function TEXT NOT NULL, region TEXT NOT NULL, idempotency_key TEXT NOT NULL, result BYTEA NOT NULL, expires_at BIGINT NOT NULL,
            PRIMARY KEY (function, region, idempotency_key));
        CREATE TABLE bundles (
            hash TEXT NOT NULL PRIMARY KEY, stored_at TEXT NOT NULL, files INTEGER NOT NULL, file_bytes BIGINT NOT NULL, bytes BYTEA NOT NULL);
        CREATE TABLE key_entries (
            region TEXT NOT NULL, function TEXT NOT NULL, key BYTEA NOT NULL, value BYTEA NOT NULL, PRIMARY KEY (region, function, key));
        CREATE TABLE key_usage (
            region TEXT NOT NULL, function TEXT NOT NULL, bytes BIGINT NOT NULL, keys BIGINT NOT NULL, PRIMARY KEY (region, function));
        CREATE TABLE fanouts (
            id TEXT COLLATE "C" NOT NULL PRIMARY KEY, function TEXT NOT NULL, mode INTEGER NOT NULL, needed INTEGER NOT NULL,
            invocations TEXT NOT NULL, idempotency_key TEXT, decided INTEGER NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
            UNIQUE (function, idempotency_key));
        """;

    private const string Definition = """
        {"name":"NAME","module":"HASH","abi":"helios-1","entry":"handle","profile":"compute","regions":["eu-west","us-east"],
         "capabilities":["clock","env","log","random"],"env":{},"args":[],"config":{},"allowedHosts":[],"bundles":{},
         "limits":{"memoryMiB":9,"tableElements":100000,"maxInstances":100,"maxModuleBytes":16777216,"stackKiB":1024,"timeoutMs":700,
         "maxPayloadBytes":80,"maxResponseBytes":60,"maxStringBytes":65536,"maxQueryBytes":65536,"maxConfigBytes":65536,
         "maxAllocationBytes":16777216,"maxHostCalls":10000,"maxLogBytes":65536}}
        """;

    [PostgresFact]
    public async Task Functions_of_an_earlier_release_are_taken_over_by_silos_that_start_at_the_same_time()
    {
        var url = await PostgresServer.NewDatabaseAsync();
        await FillAsync(url, "old", "older");

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            await using var database = new PostgresDatabase(PostgresUrl.Parse(url));
            await database.MigrateAsync();
        })));

        await using var silo = await TestSilo.StartAsync(postgres: url);
        await EarlierRelease.ShouldBeTakenOverByAsync(silo);
        (await silo.CallAsync("old", [1, 2])).ShouldBe([1, 2]);
        (await silo.CallAsync("older", [3], "us-east")).ShouldBe([3]);

        // What was taken over is changed as any other function.
        (await silo.DeployAsync("old", "counter"))["version"]!.GetValue<int>().ShouldBe(2);
        (await silo.Http.PostAsync("/v1/functions/old/rollback", content: null)).EnsureSuccessStatusCode();
        (await silo.CallAsync("old", [4])).ShouldBe([4]);
    }

    [PostgresFact]
    public async Task Silos_that_start_at_the_same_time_over_an_earlier_release_all_serve()
    {
        var url = await PostgresServer.NewDatabaseAsync();
        await FillAsync(url, "old");

        var silos = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => TestSilo.StartAsync(postgres: url)));

        foreach (var silo in silos)
        {
            await using (silo)
            {
                (await silo.CallAsync("old", [5])).ShouldBe([5]);
            }
        }
    }

    private static async Task FillAsync(string url, params string[] names)
    {
        var bytes = TestSilo.Guest("echo");
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        await using var source = NpgsqlDataSource.Create(PostgresUrl.Parse(url));
        await using (var tables = source.CreateCommand(BeforeVersions))
        {
            await tables.ExecuteNonQueryAsync();
        }

        await using var module = source.CreateCommand("INSERT INTO modules (hash, stored_at, bytes) VALUES ($1, '', $2)");
        module.Parameters.Add(new NpgsqlParameter { Value = hash });
        module.Parameters.Add(new NpgsqlParameter { Value = bytes });
        await module.ExecuteNonQueryAsync();
        foreach (var name in names)
        {
            await using var function = source.CreateCommand(
                "INSERT INTO functions (name, module, definition, registered_at) VALUES ($1, $2, $3, '2026-01-02T03:04:05.0000000+00:00')");
            function.Parameters.Add(new NpgsqlParameter { Value = name });
            function.Parameters.Add(new NpgsqlParameter { Value = hash });
            function.Parameters.Add(new NpgsqlParameter
            {
                Value = Definition.Replace("NAME", name, StringComparison.Ordinal).Replace("HASH", hash, StringComparison.Ordinal),
            });
            await function.ExecuteNonQueryAsync();
        }
    }
}
