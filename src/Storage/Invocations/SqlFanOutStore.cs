using System.Collections.Immutable;
using System.Text.Json;
using Dapper;
using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Grains.FanOuts;
using HeliosEdge.Grains.Invocations;

namespace HeliosEdge.Storage.Invocations;

/// <summary>Durable fan-outs in a table. Times are microseconds since 1970 by the silo's clock.</summary>
internal sealed class SqlFanOutStore(IStateDatabase database, InvocationLifetime lifetime, TimeProvider clock) : IFanOutStore
{
    /// <inheritdoc/>
    public Task<EnqueuedFanOut> AddAsync(StoredFanOut fanOut, IReadOnlyList<NewInvocation> invocations, CancellationToken cancel) => database.WriteAsync(
        async (connection, transaction) =>
        {
            var row = new
            {
                id = Key(fanOut.Id),
                function = fanOut.Function,
                mode = (int)fanOut.Mode,
                needed = fanOut.Needed,
                invocations = Json(fanOut.Invocations),
                unsure = Json(fanOut.Unsure),
                key = fanOut.IdempotencyKey,
                owner = fanOut.Owner,
                created = SqlInvocationStore.Microseconds(fanOut.CreatedAt),
                expires = SqlInvocationStore.Never,
                now = Now(),
            };
            if (fanOut.IdempotencyKey is { } key
                && await KeyScope.EnterAsync(database, connection, transaction, fanOut.Function, key, row.now).ConfigureAwait(false) is { } holder)
            {
                return holder.FanOut is { } earlier ? new EnqueuedFanOut(earlier, IsNew: false) : new EnqueuedFanOut(Guid.Empty, IsNew: false, holder);
            }

            await connection.ExecuteAsync(
                """
                INSERT INTO fanouts (id, function, mode, needed, invocations, unsure, idempotency_key, owner, decided, created_at, expires_at)
                VALUES (@id, @function, @mode, @needed, @invocations, @unsure, @key, @owner, 0, @created, @expires)
                """,
                row,
                transaction).ConfigureAwait(false);
            for (var i = 0; i < invocations.Count; i++)
            {
                await SqlInvocationStore.InsertAsync(connection, transaction, fanOut.Invocations[i], invocations[i], fanOut.Id, row.now).ConfigureAwait(false);
            }

            return new EnqueuedFanOut(fanOut.Id, IsNew: true);
        },
        cancel);

    /// <inheritdoc/>
    public Task<StoredFanOut?> FindAsync(Guid id, CancellationToken cancel) => database.ReadAsync(
        async connection => (await connection.QuerySingleOrDefaultAsync<Row>(
            """
            SELECT id AS "Id", function AS "Function", mode AS "Mode", needed AS "Needed", invocations AS "Invocations",
                unsure AS "Unsure", idempotency_key AS "IdempotencyKey", owner AS "Owner", decided AS "Decided", created_at AS "CreatedAt", expires_at AS "ExpiresAt"
            FROM fanouts WHERE id = @id AND expires_at > @now
            """,
            new { id = Key(id), now = Now() }).ConfigureAwait(false))?.ToFanOut(),
        cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Guid>> ListUndecidedAsync(CancellationToken cancel) => database.ReadAsync<IReadOnlyList<Guid>>(
        async connection => [.. (await connection.QueryAsync<string>(
            "SELECT id FROM fanouts WHERE decided = 0 AND expires_at > @now ORDER BY id", new { now = Now() }).ConfigureAwait(false)).Select(Guid.Parse)],
        cancel);

    /// <inheritdoc/>
    public Task DecideAsync(Guid id, CancellationToken cancel) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(
            """
            UPDATE fanouts SET decided = 1, expires_at = @forget WHERE id = @id AND decided = 0;
            UPDATE invocations SET expires_at = @forget WHERE fanout_id = @id AND expires_at < @forget
            """,
            new { id = Key(id), forget = Now() + SqlInvocationStore.Microseconds(lifetime.OfResults) },
            transaction),
        cancel);

    /// <inheritdoc/>
    public Task<int> PurgeAsync(CancellationToken cancel) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync("DELETE FROM fanouts WHERE expires_at <= @now", new { now = Now() }, transaction), cancel);

    private static string Json(IEnumerable<Guid> ids) => JsonSerializer.Serialize(ids.Select(Key).ToArray(), InvocationJson.Default.StringArray);

    private static ImmutableArray<Guid> Ids(string json) => [.. JsonSerializer.Deserialize(json, InvocationJson.Default.StringArray)!.Select(Guid.Parse)];

    private static string Key(Guid id) => SqlInvocationStore.Key(id);

    private long Now() => SqlInvocationStore.Microseconds(clock.GetUtcNow());

    private sealed class Row
    {
        public string Id { get; set; } = "";

        public string Function { get; set; } = "";

        public int Mode { get; set; }

        public int Needed { get; set; }

        public string Invocations { get; set; } = "[]";

        public string Unsure { get; set; } = "[]";

        public string? IdempotencyKey { get; set; }

        public string? Owner { get; set; }

        public int Decided { get; set; }

        public long CreatedAt { get; set; }

        public long ExpiresAt { get; set; }

        public StoredFanOut ToFanOut() => new()
        {
            Id = Guid.Parse(Id),
            Function = Function,
            Mode = (FanOutMode)Mode,
            Needed = Needed,
            Invocations = Ids(Invocations),
            Unsure = Ids(Unsure),
            IdempotencyKey = IdempotencyKey,
            Owner = Owner,
            IsDecided = Decided != 0,
            CreatedAt = DateTimeOffset.UnixEpoch.AddTicks(CreatedAt * 10),
            ExpiresAt = ExpiresAt == SqlInvocationStore.Never ? null : DateTimeOffset.UnixEpoch.AddTicks(ExpiresAt * 10),
        };
    }
}
