using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Dapper;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Storage.Catalog;

/// <summary>
/// Functions in the silo's database: each version a row that keeps what was registered as JSON, and its weight. A function's own row has the
/// highest number ever given to a version of it; whoever changes the function locks that row first.
/// </summary>
internal sealed class SqlFunctionStore(IStateDatabase database, TimeProvider clock) : IFunctionStore
{
    private const string Columns = """
        version AS "Version", definition AS "Definition", created_at AS "CreatedAt", weight AS "Weight"
        """;

    public Task<IReadOnlyList<RegisteredFunction>> ReadAllAsync() => database.ReadAsync<IReadOnlyList<RegisteredFunction>>(async connection =>
        [.. (await connection.QueryAsync<Row>($"SELECT {Columns} FROM function_versions WHERE weight > 0").ConfigureAwait(false))
            .Select(row => row.ToWeighted())
            .GroupBy(version => version.Function.Name, StringComparer.Ordinal)
            .Select(versions => new RegisteredFunction(versions))]);

    public Task<RegisteredFunction?> ReadAsync(string name) =>
        database.ReadAsync(connection => ReadAsync(connection, transaction: null, name));

    public Task<RegisteredFunction> AppendAsync(FunctionDescription definition, int kept) => database.WriteAsync(async (connection, transaction) =>
    {
        // It was there when the registration was checked, but modules that no function names are forgotten at some time.
        if (await connection.ExecuteScalarAsync<int>(
            "SELECT count(*) FROM modules WHERE hash = @Module", new { definition.Module }, transaction).ConfigureAwait(false) == 0)
        {
            throw new SandboxException(ErrorCodes.ModuleNotFound, $"No module {definition.Module} is stored any more; upload it again.");
        }

        var version = await connection.ExecuteScalarAsync<int>(
            """
            INSERT INTO functions (name, latest) VALUES (@Name, 1)
            ON CONFLICT (name) DO UPDATE SET latest = functions.latest + 1
            RETURNING latest
            """,
            new { definition.Name },
            transaction).ConfigureAwait(false);
        var row = new
        {
            definition.Name,
            Version = version,
            definition.Module,
            Definition = JsonSerializer.Serialize(StoredFunction.Of(definition with { Version = version }), FunctionJson.Default.StoredFunction),
            Now = clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture),
            Weight = FunctionRegistrar.WholeTraffic,
            LastDropped = version - kept,
        };
        await connection.ExecuteAsync(
            "UPDATE function_versions SET weight = 0 WHERE name = @Name AND weight > 0", row, transaction).ConfigureAwait(false);
        await connection.ExecuteAsync(
            """
            INSERT INTO function_versions (name, version, module, definition, created_at, weight)
            VALUES (@Name, @Version, @Module, @Definition, @Now, @Weight)
            """,
            row,
            transaction).ConfigureAwait(false);
        await connection.ExecuteAsync(
            "DELETE FROM function_versions WHERE name = @Name AND version <= @LastDropped AND weight = 0", row, transaction).ConfigureAwait(false);
        return (await ReadAsync(connection, transaction, definition.Name).ConfigureAwait(false))!;
    });

    public Task<RegisteredFunction?> SetTrafficAsync(string name, ImmutableSortedDictionary<int, int> weights) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            // Changes nothing, but locks the row.
            await connection.ExecuteAsync("UPDATE functions SET latest = latest WHERE name = @name", new { name }, transaction).ConfigureAwait(false);
            var stored = await connection.ExecuteScalarAsync<int>(
                $"SELECT count(*) FROM function_versions WHERE name = @name AND {database.IsAnyOf("version", "@versions")}",
                new { name, versions = weights.Keys.ToArray() },
                transaction).ConfigureAwait(false);
            if (stored < weights.Count)
            {
                return null;
            }

            await connection.ExecuteAsync(
                "UPDATE function_versions SET weight = 0 WHERE name = @name AND weight > 0", new { name }, transaction).ConfigureAwait(false);
            await connection.ExecuteAsync(
                "UPDATE function_versions SET weight = @weight WHERE name = @name AND version = @version",
                weights.Select(version => new { name, version = version.Key, weight = version.Value }),
                transaction).ConfigureAwait(false);
            return await ReadAsync(connection, transaction, name).ConfigureAwait(false);
        });

    public Task<FunctionVersion?> FindVersionAsync(string name, int version) => database.ReadAsync(async connection =>
        (await connection.QuerySingleOrDefaultAsync<Row>(
            $"SELECT {Columns} FROM function_versions WHERE name = @name AND version = @version", new { name, version }).ConfigureAwait(false))
            ?.ToVersion());

    public Task<IReadOnlyList<FunctionVersion>> ListVersionsAsync(string name, int? before, int count) =>
        database.ReadAsync<IReadOnlyList<FunctionVersion>>(async connection =>
            [.. (await connection.QueryAsync<Row>(
                $"SELECT {Columns} FROM function_versions WHERE name = @name AND version < @before ORDER BY version DESC LIMIT @count",
                new { name, before = before ?? int.MaxValue, count }).ConfigureAwait(false))
                .Select(row => row.ToVersion())]);

    public Task<bool> DeleteAsync(string name) => database.WriteAsync(async (connection, transaction) =>
        await connection.ExecuteAsync("DELETE FROM functions WHERE name = @name", new { name }, transaction).ConfigureAwait(false) > 0);

    private static async Task<RegisteredFunction?> ReadAsync(DbConnection connection, DbTransaction? transaction, string name)
    {
        var rows = await connection.QueryAsync<Row>(
            $"SELECT {Columns} FROM function_versions WHERE name = @name AND weight > 0", new { name }, transaction).ConfigureAwait(false);
        var versions = rows.Select(row => row.ToWeighted()).ToList();
        return versions.Count > 0 ? new RegisteredFunction(versions) : null;
    }

    private sealed class Row
    {
        public int Version { get; set; }

        public string Definition { get; set; } = "";

        public string CreatedAt { get; set; } = "";

        public int Weight { get; set; }

        public WeightedVersion ToWeighted() => new(ToFunction(), Weight);

        public FunctionVersion ToVersion() => new(
            Version, DateTimeOffset.Parse(CreatedAt, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind), Weight, ToFunction());

        private FunctionDescription ToFunction() =>
            JsonSerializer.Deserialize(Definition, FunctionJson.Default.StoredFunction)!.ToDescription() with { Version = Version };
    }
}
