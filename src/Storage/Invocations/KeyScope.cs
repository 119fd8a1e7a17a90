using System.Data.Common;
using Dapper;
using HeliosEdge.Grains.Invocations;

namespace HeliosEdge.Storage.Invocations;

/// <summary>The one scope of idempotency keys that calls of all kinds have, each kind in a table of its own.</summary>
internal static class KeyScope
{
    /// <summary>Keeps all others off a key until the transaction ends, and finds what holds it.</summary>
    /// <returns>Null where the key is free.</returns>
    public static async Task<KeyHolder?> EnterAsync(
        IStateDatabase database, DbConnection connection, DbTransaction transaction, string function, string key, long now)
    {
        await database.EnterAsync(connection, transaction, $"idempotency/{function}/{key}").ConfigureAwait(false);
        var which = new { function, key, now };
        await connection.ExecuteAsync(
            """
            DELETE FROM results WHERE function = @function AND idempotency_key = @key AND expires_at <= @now;
            DELETE FROM invocations WHERE function = @function AND idempotency_key = @key AND expires_at <= @now;
            DELETE FROM fanouts WHERE function = @function AND idempotency_key = @key AND expires_at <= @now
            """,
            which,
            transaction).ConfigureAwait(false);
        const string Held = "WHERE function = @function AND idempotency_key = @key";

        // Earlier releases had a scope for each region; of those it is the first.
        var result = await connection.ExecuteScalarAsync<byte[]?>(
            $"SELECT result FROM results {Held} ORDER BY region LIMIT 1", which, transaction).ConfigureAwait(false);
        var invocation = await connection.ExecuteScalarAsync<string?>(
            $"SELECT id FROM invocations {Held} ORDER BY id LIMIT 1", which, transaction).ConfigureAwait(false);
        var fanOut = await connection.ExecuteScalarAsync<string?>($"SELECT id FROM fanouts {Held}", which, transaction).ConfigureAwait(false);
        return result is null && invocation is null && fanOut is null
            ? null
            : new KeyHolder
            {
                Result = result,
                Invocation = invocation is null ? null : Guid.Parse(invocation),
                FanOut = fanOut is null ? null : Guid.Parse(fanOut),
            };
    }
}
