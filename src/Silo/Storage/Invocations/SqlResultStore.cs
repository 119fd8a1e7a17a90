using Dapper;
using HeliosEdge.Grains.Invocations;

namespace HeliosEdge.Silo.Storage.Invocations;

/// <summary>Results by idempotency key, in a table. What has expired is dropped as new ones come.</summary>
internal sealed class SqlResultStore(IStateDatabase database, TimeProvider clock) : IResultStore
{
    private const string Select =
        "SELECT result FROM results WHERE function = @function AND region = @region AND idempotency_key = @key AND expires_at > @now";

    /// <inheritdoc/>
    public Task<byte[]?> FindAsync(string function, string region, string key, CancellationToken cancel) => database.ReadAsync(
        connection => connection.ExecuteScalarAsync<byte[]?>(Select, new { function, region, key, now = Now() }), cancel);

    /// <inheritdoc/>
    public Task<byte[]> AddAsync(string function, string region, string key, byte[] result, TimeSpan lifetime, CancellationToken cancel) =>
        database.WriteAsync(
            async (connection, transaction) =>
            {
                var now = Now();
                var row = new { function, region, key, result, now, expires = now + SqlInvocationStore.Microseconds(lifetime) };
                await connection.ExecuteAsync("DELETE FROM results WHERE expires_at <= @now", row, transaction).ConfigureAwait(false);
                await connection.ExecuteAsync(
                    """
                    INSERT INTO results (function, region, idempotency_key, result, expires_at) VALUES (@function, @region, @key, @result, @expires)
                    ON CONFLICT (function, region, idempotency_key) DO NOTHING
                    """,
                    row,
                    transaction).ConfigureAwait(false);
                return (await connection.ExecuteScalarAsync<byte[]>(Select, row, transaction).ConfigureAwait(false))!;
            },
            cancel);

    /// <inheritdoc/>
    public async Task<bool> ReplaceAsync(
        string function, string region, string key, byte[] expected, byte[]? result, TimeSpan lifetime, CancellationToken cancel)
    {
        const string held = "WHERE function = @function AND region = @region AND idempotency_key = @key AND result = @expected";
        var row = new { function, region, key, expected, result, expires = Now() + SqlInvocationStore.Microseconds(lifetime) };
        return await database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                result is null ? $"DELETE FROM results {held}" : $"UPDATE results SET result = @result, expires_at = @expires {held}", row, transaction),
            cancel).ConfigureAwait(false) > 0;
    }

    private long Now() => SqlInvocationStore.Microseconds(clock.GetUtcNow());
}
