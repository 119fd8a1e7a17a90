using System.Text.Json;
using Dapper;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Storage;

/// <summary>Registrations in the silo's database, each as the JSON that the API shows.</summary>
internal sealed class SqliteFunctionStore(SiloDatabase database, TimeProvider clock) : IFunctionStore
{
    public Task<IReadOnlyList<FunctionDescription>> ReadAllAsync() => Task.FromResult<IReadOnlyList<FunctionDescription>>(database.Read(
        connection => connection.Query<string>("SELECT definition FROM functions")
            .Select(definition => JsonSerializer.Deserialize(definition, ApiJson.Default.FunctionDescription)!)
            .ToList()));

    public Task<FunctionDescription?> ReadAsync(string name) => Task.FromResult(database.Read(
        connection => connection.QuerySingleOrDefault<string>("SELECT definition FROM functions WHERE name = @name", new { name }) is { } definition
            ? JsonSerializer.Deserialize(definition, ApiJson.Default.FunctionDescription)
            : null));

    public Task PutAsync(FunctionDescription function) => database.WriteAsync((connection, transaction) => connection.Execute(
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

    public Task<bool> DeleteAsync(string name) => database.WriteAsync((connection, transaction) =>
        connection.Execute("DELETE FROM functions WHERE name = @name", new { name }, transaction) > 0);
}
