using System.Text.Json;
using Dapper;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Storage;

/// <summary>Registrations in the silo's database, each as the JSON that the API shows.</summary>
internal sealed class SqlFunctionStore(IStateDatabase database, TimeProvider clock) : IFunctionStore
{
    public Task<IReadOnlyList<FunctionDescription>> ReadAllAsync() => database.ReadAsync<IReadOnlyList<FunctionDescription>>(async connection =>
        [.. (await connection.QueryAsync<string>("SELECT definition FROM functions").ConfigureAwait(false))
            .Select(definition => JsonSerializer.Deserialize(definition, ApiJson.Default.FunctionDescription)!)]);

    public Task<FunctionDescription?> ReadAsync(string name) => database.ReadAsync(async connection =>
        await connection.QuerySingleOrDefaultAsync<string>("SELECT definition FROM functions WHERE name = @name", new { name }).ConfigureAwait(false) is { } definition
            ? JsonSerializer.Deserialize(definition, ApiJson.Default.FunctionDescription)
            : null);

    public Task PutAsync(FunctionDescription function) => database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
        """
        INSERT INTO functions (name, module, definition, registered_at)
        VALUES (@Name, @Module, @Definition, @Now)
        ON CONFLICT (name) DO UPDATE SET
            module = excluded.module, definition = excluded.definition, registered_at = excluded.registered_at
        """,
        new
        {
            function.Name,
            function.Module,
            Definition = JsonSerializer.Serialize(function, ApiJson.Default.FunctionDescription),
            Now = clock.GetUtcNow().ToString("O"),
        },
        transaction));

    public Task<bool> DeleteAsync(string name) => database.WriteAsync(async (connection, transaction) =>
        await connection.ExecuteAsync("DELETE FROM functions WHERE name = @name", new { name }, transaction).ConfigureAwait(false) > 0);
}
