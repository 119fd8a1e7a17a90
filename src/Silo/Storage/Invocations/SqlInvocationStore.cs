using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using Dapper;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Storage.Invocations;

/// <summary>
/// The queue of invocations in a table. A lease is the row's owner and attempt, and its end is when the row is due again, so that one
/// index finds both what waits and what was abandoned. Times are microseconds since 1970 by the silo's clock.
/// </summary>
internal sealed class SqlInvocationStore(IStateDatabase database, TimeProvider clock) : IInvocationStore, IDisposable
{
    private const int MaxBatch = 256;
    private const string Columns = """
        id AS "Id", function AS "Function", region AS "Region", payload AS "Payload", state AS "State", attempt AS "Attempt",
        max_attempts AS "MaxAttempts", due_at AS "DueAt", lease_owner AS "LeaseOwner", response AS "Response", fault AS "Fault",
        idempotency_key AS "IdempotencyKey", created_at AS "CreatedAt", expires_at AS "ExpiresAt",
        started_at AS "StartedAt", ended_at AS "EndedAt"
        """;

    private const string HeldLease = "id = @id AND state = 1 AND lease_owner = @owner AND attempt = @attempt";

    private readonly ConcurrentQueue<PendingInvocation> _pending = new();
    private readonly SemaphoreSlim _batch = new(1);

    /// <inheritdoc/>
    public async Task<EnqueuedInvocation> EnqueueAsync(NewInvocation invocation, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(invocation.MaxAttempts, 1);
        cancel.ThrowIfCancellationRequested();
        var pending = new PendingInvocation(invocation);
        _pending.Enqueue(pending);

        // Whoever comes first writes for all that came while the transaction before it was on its way to disk.
        await _batch.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            while (!pending.Done.Task.IsCompleted)
            {
                await WriteBatchAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _batch.Release();
        }

        return await pending.Done.Task.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredInvocation>> TryLeaseAsync(
        IReadOnlyCollection<string> regions, int count, string owner, TimeSpan duration, CancellationToken cancel) =>
        database.WriteAsync<IReadOnlyList<StoredInvocation>>(
            async (connection, transaction) =>
            {
                var now = Now();
                var isServed = database.IsAnyOf("region", "@regions");
                var arguments = new
                {
                    regions = regions.ToArray(),
                    count,
                    owner,
                    now,
                    until = now + Microseconds(duration),
                    fault = Json(new InvocationFault { Code = "abandoned", Message = "The last attempt's lease ran out." }),
                };
                await connection.ExecuteAsync(
                    $"""
                    UPDATE invocations SET state = 4, lease_owner = NULL, ended_at = @now, fault = COALESCE(fault, @fault)
                    WHERE state = 1 AND {isServed} AND due_at <= @now AND attempt >= max_attempts
                    """,
                    arguments,
                    transaction).ConfigureAwait(false);
                var rows = await connection.QueryAsync<Row>(
                    $"""
                    WITH due AS MATERIALIZED (
                        SELECT id FROM invocations
                        WHERE state <= 1 AND {isServed} AND due_at <= @now AND expires_at > @now AND attempt < max_attempts
                        ORDER BY due_at, id LIMIT @count {database.SkipLocked})
                    UPDATE invocations SET state = 1, attempt = attempt + 1, lease_owner = @owner, due_at = @until, started_at = @now
                    WHERE id IN (SELECT id FROM due)
                    RETURNING {Columns}
                    """,
                    arguments,
                    transaction).ConfigureAwait(false);
                return [.. rows.Select(row => row.ToInvocation()).OrderBy(invocation => invocation.Id.ToString(), StringComparer.Ordinal)];
            },
            cancel);

    /// <inheritdoc/>
    public async Task<bool> RenewAsync(InvocationLease lease, TimeSpan duration, CancellationToken cancel) => await ExecuteAsync(
        $"UPDATE invocations SET due_at = @until WHERE {HeldLease}",
        new { id = Key(lease.Id), owner = lease.Owner, attempt = lease.Attempt, until = Now() + Microseconds(duration) },
        cancel).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public async Task<bool> CompleteAsync(InvocationLease lease, ReadOnlyMemory<byte> response, CancellationToken cancel) => await ExecuteAsync(
        $"UPDATE invocations SET state = 2, lease_owner = NULL, ended_at = @now, response = @response, fault = NULL WHERE {HeldLease}",
        new { id = Key(lease.Id), owner = lease.Owner, attempt = lease.Attempt, now = Now(), response = response.ToArray() },
        cancel).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public Task<InvocationState?> FailAsync(
        InvocationLease lease, InvocationFault fault, DateTimeOffset? nextAttemptAt, CancellationToken cancel) => StateAfterAsync(
        $"""
        UPDATE invocations SET
            state = CASE WHEN @retry = 0 THEN 3 WHEN attempt >= max_attempts THEN 4 ELSE 0 END,
            due_at = @due, lease_owner = NULL, fault = @fault,
            ended_at = CASE WHEN @retry = 0 OR attempt >= max_attempts THEN @now END
        WHERE {HeldLease} RETURNING state
        """,
        new
        {
            id = Key(lease.Id),
            owner = lease.Owner,
            attempt = lease.Attempt,
            fault = Json(fault),
            now = Now(),
            retry = nextAttemptAt is null ? 0 : 1,
            due = Microseconds(nextAttemptAt ?? clock.GetUtcNow()),
        },
        cancel);

    /// <inheritdoc/>
    public Task<InvocationState?> CancelAsync(Guid id, CancellationToken cancel) => StateAfterAsync(
        """
        UPDATE invocations SET
            state = CASE WHEN state <= 1 THEN 5 ELSE state END, lease_owner = NULL, ended_at = COALESCE(ended_at, @now)
        WHERE id = @id RETURNING state
        """,
        new { id = Key(id), now = Now() },
        cancel);

    /// <inheritdoc/>
    public Task<StoredInvocation?> FindAsync(Guid id, CancellationToken cancel) => database.ReadAsync(
        async connection => (await connection.QuerySingleOrDefaultAsync<Row>(
            $"SELECT {Columns} FROM invocations WHERE id = @id AND expires_at > @now", new { id = Key(id), now = Now() }).ConfigureAwait(false))
            ?.ToInvocation(),
        cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredInvocation>> ListAsync(
        InvocationState state, string? function, Guid? after, int count, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<StoredInvocation>>(
            async connection => [.. (await connection.QueryAsync<Row>(
                $"""
                SELECT {Columns} FROM invocations
                WHERE state = @state AND id > @after AND expires_at > @now {(function is null ? "" : "AND function = @function")}
                ORDER BY id LIMIT @count
                """,
                new { state = (int)state, function, after = after is { } last ? Key(last) : "", now = Now(), count }).ConfigureAwait(false))
                .Select(row => row.ToInvocation())],
            cancel);

    /// <inheritdoc/>
    public async Task<bool> RequeueAsync(Guid id, CancellationToken cancel) => await ExecuteAsync(
        "UPDATE invocations SET state = 0, attempt = 0, due_at = @now, ended_at = NULL WHERE id = @id AND state = 4",
        new { id = Key(id), now = Now() },
        cancel).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public Task<int> PurgeAsync(CancellationToken cancel) => ExecuteAsync(
        "DELETE FROM invocations WHERE expires_at <= @now AND (state <> 1 OR due_at <= @now)", new { now = Now() }, cancel);

    public void Dispose() => _batch.Dispose();

    internal static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / 10;

    internal static long Microseconds(TimeSpan time) => time.Ticks / 10;

    private static string Key(Guid id) => id.ToString("D");

    private static string Json(InvocationFault fault) => JsonSerializer.Serialize(fault, ApiJson.Default.InvocationFault);

    private static async Task<EnqueuedInvocation> InsertAsync(DbConnection connection, DbTransaction transaction, NewInvocation invocation, long now)
    {
        var id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddTicks(now * 10));
        var row = new
        {
            id = Key(id),
            function = invocation.Function,
            region = invocation.Region,
            payload = invocation.Payload.ToArray(),
            max = invocation.MaxAttempts,
            due = invocation.NotBefore is { } at ? Microseconds(at) : now,
            key = invocation.IdempotencyKey,
            now,
            expires = Microseconds(invocation.ExpiresAt),
        };
        while (true)
        {
            if (invocation.IdempotencyKey is not null)
            {
                await connection.ExecuteAsync(
                    """
                    DELETE FROM invocations
                    WHERE function = @function AND region = @region AND idempotency_key = @key AND expires_at <= @now AND state <> 1
                    """,
                    row,
                    transaction).ConfigureAwait(false);
            }

            var inserted = await connection.ExecuteAsync(
                """
                INSERT INTO invocations (
                    id, function, region, payload, state, attempt, max_attempts, due_at, idempotency_key, created_at, expires_at)
                VALUES (@id, @function, @region, @payload, 0, 0, @max, @due, @key, @now, @expires)
                ON CONFLICT (function, region, idempotency_key) DO NOTHING
                """,
                row,
                transaction).ConfigureAwait(false);
            if (inserted > 0)
            {
                return new EnqueuedInvocation(id, IsNew: true);
            }

            var earlier = await connection.ExecuteScalarAsync<string?>(
                "SELECT id FROM invocations WHERE function = @function AND region = @region AND idempotency_key = @key",
                row,
                transaction).ConfigureAwait(false);
            if (earlier is not null)
            {
                return new EnqueuedInvocation(Guid.Parse(earlier), IsNew: false);
            }

            // Another silo forgot the earlier one between the two statements: the key is free now.
        }
    }

    private async Task WriteBatchAsync()
    {
        var batch = new List<PendingInvocation>();
        while (batch.Count < MaxBatch && _pending.TryDequeue(out var pending))
        {
            batch.Add(pending);
        }

        // All silos lock keys in the same order, so that no two of them wait for each other.
        var order = Enumerable.Range(0, batch.Count)
            .OrderBy(i => batch[i].Invocation.Function, StringComparer.Ordinal)
            .ThenBy(i => batch[i].Invocation.Region, StringComparer.Ordinal)
            .ThenBy(i => batch[i].Invocation.IdempotencyKey, StringComparer.Ordinal)
            .ToArray();
        try
        {
            var results = await database.WriteAsync(async (connection, transaction) =>
            {
                var now = Now();
                var written = new EnqueuedInvocation[batch.Count];
                foreach (var i in order)
                {
                    written[i] = await InsertAsync(connection, transaction, batch[i].Invocation, now).ConfigureAwait(false);
                }

                return written;
            }).ConfigureAwait(false);
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Done.SetResult(results[i]);
            }
        }
        catch (Exception e)
        {
            // Each caller throws it where it waits.
            batch.ForEach(pending => pending.Done.SetException(e));
        }
    }

    private Task<int> ExecuteAsync(string sql, object arguments, CancellationToken cancel) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(sql, arguments, transaction), cancel);

    private async Task<InvocationState?> StateAfterAsync(string sql, object arguments, CancellationToken cancel) =>
        (InvocationState?)await database.WriteAsync(
            (connection, transaction) => connection.ExecuteScalarAsync<int?>(sql, arguments, transaction), cancel).ConfigureAwait(false);

    private long Now() => Microseconds(clock.GetUtcNow());

    private sealed record PendingInvocation(NewInvocation Invocation)
    {
        public TaskCompletionSource<EnqueuedInvocation> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Row
    {
        public string Id { get; set; } = "";

        public string Function { get; set; } = "";

        public string Region { get; set; } = "";

        public byte[] Payload { get; set; } = [];

        public int State { get; set; }

        public int Attempt { get; set; }

        public int MaxAttempts { get; set; }

        public long DueAt { get; set; }

        public string? LeaseOwner { get; set; }

        public byte[]? Response { get; set; }

        public string? Fault { get; set; }

        public string? IdempotencyKey { get; set; }

        public long CreatedAt { get; set; }

        public long ExpiresAt { get; set; }

        public long? StartedAt { get; set; }

        public long? EndedAt { get; set; }

        public StoredInvocation ToInvocation() => new()
        {
            Id = Guid.Parse(Id),
            Function = Function,
            Region = Region,
            Payload = Payload,
            State = (InvocationState)State,
            Attempt = Attempt,
            MaxAttempts = MaxAttempts,
            NextAttemptAt = Time(DueAt),
            LeaseOwner = LeaseOwner,
            LeaseUntil = State == (int)InvocationState.Running ? Time(DueAt) : null,
            Response = Response is null ? null : (ReadOnlyMemory<byte>?)Response,
            Fault = Fault is null ? null : JsonSerializer.Deserialize(Fault, ApiJson.Default.InvocationFault),
            IdempotencyKey = IdempotencyKey,
            CreatedAt = Time(CreatedAt),
            ExpiresAt = Time(ExpiresAt),
            StartedAt = StartedAt is { } started ? Time(started) : null,
            EndedAt = EndedAt is { } ended ? Time(ended) : null,
        };

        private static DateTimeOffset Time(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * 10);
    }
}
