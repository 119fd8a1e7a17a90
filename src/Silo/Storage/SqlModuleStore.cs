using Dapper;
using HeliosEdge.Grains.Modules;

namespace HeliosEdge.Silo.Storage;

/// <summary>Modules in the silo's database.</summary>
internal sealed class SqlModuleStore(IStateDatabase database, TimeProvider clock) : IModuleStore
{
    public Task<bool> AddAsync(string hash, ReadOnlyMemory<byte> bytes) => database.WriteAsync(async (connection, transaction) =>
        await connection.ExecuteAsync(
            "INSERT INTO modules (hash, stored_at, bytes) VALUES (@hash, @now, @bytes) ON CONFLICT DO NOTHING",
            new { hash, now = clock.GetUtcNow().ToString("O"), bytes = bytes.ToArray() },
            transaction).ConfigureAwait(false) > 0);

    public Task<byte[]?> ReadAsync(string hash) => database.ReadAsync(
        connection => connection.QuerySingleOrDefaultAsync<byte[]?>("SELECT bytes FROM modules WHERE hash = @hash", new { hash }));
}
