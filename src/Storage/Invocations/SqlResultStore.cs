using Dapper;
using HeliosEdge.Grains.Invocations;

namespace HeliosEdge.Storage.Invocations;

/// <summary>Results by idempotency key, in a table. What has expired is dropped as new ones come.</summary>
internal sealed class SqlResultStore(IStateDatabase database, TimeProvider clock) : IResultStore
{
    /// <inheritdoc/>
    public Task<KeyHolder> AddAsync(string function, string key, byte[] result, TimeSpan lifetime, CancellationToken cancel) => database.WriteAsync(
        async (connection, transaction) =>
        {
            var now = Now();
            if (await KeyScope.EnterAsync(database, connection, transaction, function, key, now).ConfigureAwait(false) is { } holder)
            {
                return holder;
            }

            // The column of the region is of releases in which it was part of the key.
            await connection.ExecuteAsync(
                """
                DELETE FROM results WHERE expires_at <= @now;
                INSERT INTO results (function, region, idempotency_key, result, expires_at) VALUES (@function, '', @key, @result, @expires)
                """,
                new { function, key, result, now, expires = now + SqlInvocationStore.Microseconds(lifetime) },
                transaction).ConfigureAwait(false);
            return new KeyHolder { Result = result };
        },
        cancel);

    /// <inheritdoc/>
    public async Task<bool> ReplaceAsync(string function, string key, byte[] expected, byte[]? result, TimeSpan lifetime, CancellationToken cancel)
    {
        const string held = "WHERE function = @function AND idempotency_key = @key AND result = @expected";
        var row = new { function, key, expected, result, expires = Now() + SqlInvocationStore.Microseconds(lifetime) };
        return await database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                result is null ? $"DELETE FROM results {held}" : $"UPDATE results SET result = @result, expires_at = @expires {held}", row, transaction),
            cancel).ConfigureAwait(false) > 0;
    }

    private long Now() => SqlInvocationStore.Microseconds(clock.GetUtcNow());
}
