using Dapper;
using HeliosEdge.Grains.Abstractions.Bundles;
using HeliosEdge.Grains.Bundles;
using Microsoft.Data.Sqlite;

namespace HeliosEdge.Silo.Storage;

/// <summary>Bundles in the silo's database.</summary>
internal sealed class SqliteBundleStore(SiloDatabase database, TimeProvider clock) : IBundleStore
{
    public Task<bool> AddAsync(BundleDescription bundle, ReadOnlyMemory<byte> archive) => database.WriteAsync((connection, transaction) =>
    {
        var row = connection.ExecuteScalar<long?>(
            """
            INSERT INTO bundles (hash, stored_at, files, file_bytes, bytes)
            VALUES (@Hash, @Now, @Files, @FileBytes, zeroblob(@Size)) ON CONFLICT DO NOTHING RETURNING rowid
            """,
            new { bundle.Hash, Now = clock.GetUtcNow().ToString("O"), bundle.Files, bundle.FileBytes, bundle.Size },
            transaction);
        if (row is null)
        {
            return false;
        }

        // Written through a stream, so that the archive is not copied once more for a parameter.
        using var blob = new SqliteBlob(connection, "bundles", "bytes", row.Value);
        blob.Write(archive.Span);
        return true;
    });

    public Task<BundleDescription?> FindAsync(string hash) => Task.FromResult(database.Read(connection =>
        connection.QuerySingleOrDefault<(long Size, int Files, long FileBytes)?>(
            "SELECT length(bytes), files, file_bytes FROM bundles WHERE hash = @hash", new { hash }) is { } row
            ? new BundleDescription { Hash = hash, Size = row.Size, Files = row.Files, FileBytes = row.FileBytes }
            : null));

    public Task<byte[]?> ReadAsync(string hash) => Task.FromResult(database.Read(
        connection => connection.QuerySingleOrDefault<byte[]>("SELECT bytes FROM bundles WHERE hash = @hash", new { hash })));
}
