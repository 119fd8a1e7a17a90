using System.Globalization;
using Dapper;
using HeliosEdge.Grains.Modules;

namespace HeliosEdge.Storage.Catalog;

/// <summary>Modules in the silo's database.</summary>
internal sealed class SqlModuleStore(IStateDatabase database, TimeProvider clock) : IModuleStore
{
    public Task<bool> AddAsync(string hash, ReadOnlyMemory<byte> bytes) => database.WriteAsync(async (connection, transaction) =>
    {
        var row = new { hash, now = Text(clock.GetUtcNow()), bytes = bytes.ToArray() };
        var isNew = await connection.ExecuteAsync(
            "INSERT INTO modules (hash, stored_at, bytes) VALUES (@hash, @now, @bytes) ON CONFLICT DO NOTHING", row, transaction).ConfigureAwait(false) > 0;
        if (!isNew)
        {
            await connection.ExecuteAsync("UPDATE modules SET stored_at = @now WHERE hash = @hash", row, transaction).ConfigureAwait(false);
        }

        return isNew;
    });

    public Task<byte[]?> ReadAsync(string hash) => database.ReadAsync(
        connection => connection.QuerySingleOrDefaultAsync<byte[]?>("SELECT bytes FROM modules WHERE hash = @hash", new { hash }));

    public Task<IReadOnlyCollection<string>> ListAsync() => database.ReadAsync<IReadOnlyCollection<string>>(
        async connection => [.. await connection.QueryAsync<string>("SELECT hash FROM modules").ConfigureAwait(false)]);

    // The texts of times sort as the times do: all have the same form and are in UTC.
    public Task<IReadOnlyCollection<string>> ForgetAsync(DateTimeOffset before) => database.WriteAsync<IReadOnlyCollection<string>>(
        async (connection, transaction) =>
        [
            .. await connection.QueryAsync<string>(
                """
                DELETE FROM modules
                WHERE stored_at < @before AND hash NOT IN (SELECT module FROM function_versions UNION SELECT module FROM deployments)
                RETURNING hash
                """,
                new { before = Text(before) },
                transaction).ConfigureAwait(false),
        ]);

    private static string Text(DateTimeOffset time) => time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);
}
