using Dapper;
using HeliosEdge.Grains.Modules;
using Microsoft.Data.Sqlite;

namespace HeliosEdge.Silo.Storage;

/// <summary>Modules in the silo's database.</summary>
internal sealed class SqliteModuleStore(SiloDatabase database, TimeProvider clock) : IModuleStore
{
    public Task<bool> AddAsync(string hash, ReadOnlyMemory<byte> bytes) => database.WriteAsync((connection, transaction) =>
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "INSERT INTO modules (hash, stored_at, bytes) VALUES (@hash, @now, zeroblob(@size)) ON CONFLICT DO NOTHING RETURNING rowid";
        command.Parameters.AddWithValue("@hash", hash);
        command.Parameters.AddWithValue("@now", clock.GetUtcNow().ToString("O"));
        command.Parameters.AddWithValue("@size", bytes.Length);
        if (command.ExecuteScalar() is not long row)
        {
            return false;
        }

        // Written through a stream, so that the module is not copied once more for a parameter.
        using var blob = new SqliteBlob(connection, "modules", "bytes", row);
        blob.Write(bytes.Span);
        return true;
    });

    public Task<byte[]?> ReadAsync(string hash) => Task.FromResult(database.Read(
        connection => connection.QuerySingleOrDefault<byte[]>("SELECT bytes FROM modules WHERE hash = @hash", new { hash })));
}
