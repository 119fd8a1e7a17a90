using Dapper;
using HeliosEdge.Grains.Abstractions.Bundles;
using HeliosEdge.Grains.Bundles;

namespace HeliosEdge.Storage.Catalog;

/// <summary>Bundles in the silo's database.</summary>
internal sealed class SqlBundleStore(IStateDatabase database, TimeProvider clock) : IBundleStore
{
    public Task<bool> AddAsync(BundleDescription bundle, ReadOnlyMemory<byte> archive) => database.WriteAsync(async (connection, transaction) =>
        await connection.ExecuteAsync(
            """
            INSERT INTO bundles (hash, stored_at, files, file_bytes, bytes) VALUES (@Hash, @Now, @Files, @FileBytes, @Bytes)
            ON CONFLICT DO NOTHING
            """,
            new { bundle.Hash, Now = clock.GetUtcNow().ToString("O"), bundle.Files, bundle.FileBytes, Bytes = archive.ToArray() },
            transaction).ConfigureAwait(false) > 0);

    public Task<BundleDescription?> FindAsync(string hash) => database.ReadAsync(async connection =>
        await connection.QuerySingleOrDefaultAsync<Row>(
            """SELECT length(bytes) AS "Size", files AS "Files", file_bytes AS "FileBytes" FROM bundles WHERE hash = @hash""",
            new { hash }).ConfigureAwait(false) is { } row
            ? new BundleDescription { Hash = hash, Size = row.Size, Files = row.Files, FileBytes = row.FileBytes }
            : null);

    public Task<byte[]?> ReadAsync(string hash) => database.ReadAsync(
        connection => connection.QuerySingleOrDefaultAsync<byte[]?>("SELECT bytes FROM bundles WHERE hash = @hash", new { hash }));

    private sealed class Row
    {
        public long Size { get; set; }

        public int Files { get; set; }

        public long FileBytes { get; set; }
    }
}
