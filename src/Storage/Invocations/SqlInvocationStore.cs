using System.Data.Common;
using System.Text.Json;
using Dapper;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Invocations;
using HeliosEdge.Grains.Invocations;

namespace HeliosEdge.Storage.Invocations;

/// <summary>
/// The queue of invocations in a table. A lease is the row's owner and attempt, and its end is when the row is due again, so that one
/// index finds both what waits and what was abandoned. Times are microseconds since 1970 by the silo's clock.
/// </summary>
internal sealed class SqlInvocationStore(IStateDatabase database, InvocationLifetime lifetime, TimeProvider clock) : IInvocationStore
{
    /// <summary>The expiry of what has not ended.</summary>
    internal const long Never = long.MaxValue;

    private const string Columns = """
        id AS "Id", function AS "Function", region AS "Region", payload AS "Payload", state AS "State", attempt AS "Attempt",
        max_attempts AS "MaxAttempts", due_at AS "DueAt", lease_owner AS "LeaseOwner", response AS "Response", fault AS "Fault",
        idempotency_key AS "IdempotencyKey", owner AS "Owner", created_at AS "CreatedAt", expires_at AS "ExpiresAt",
        postponed AS "Postponed", trace_parent AS "TraceParent", started_at AS "StartedAt", ended_at AS "EndedAt"
        """;

    private const string HeldLease = "id = @id AND state = 1 AND lease_owner = @owner AND attempt = @attempt";

    private const string OfUndecided = "EXISTS (SELECT 1 FROM fanouts WHERE fanouts.id = invocations.fanout_id AND fanouts.decided = 0)";

    // What has ended stays until its fan-out is decided, which looks at it.
    private const string IsKept = $"(expires_at > @now OR {OfUndecided})";

    private const string Insert = """
        INSERT INTO invocations (
            id, function, region, payload, state, attempt, max_attempts, due_at, idempotency_key, owner, trace_parent, fanout_id, created_at, expires_at)
        VALUES (@id, @function, @region, @payload, 0, 0, @max, @due, @key, @owner, @trace, @fanOut, @now, @never)
        """;

    private const string IsDue = "state <= 1 AND due_at <= @now AND attempt < max_attempts";

    // Names of writes: keys are locked in one order, and leases are taken when what has ended is out of the way.
    private const string QueueFirst = "1/";
    private const string LeasesThen = "2/";
    private const string LeaseLast = "3/";

    private readonly SharedTransactions _writes = new(database);

    /// <inheritdoc/>
    public Task<EnqueuedInvocation> EnqueueAsync(NewInvocation invocation, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(invocation.MaxAttempts, 1);
        cancel.ThrowIfCancellationRequested();
        return _writes.WriteAsync(
            $"{QueueFirst}{invocation.Function}/{invocation.IdempotencyKey}",
            (connection, transaction) => InsertAsync(connection, transaction, invocation, Now()));
    }

    /// <inheritdoc/>
    public Task<EnqueuedInvocation> RecordAsync(
        NewInvocation invocation, ReadOnlyMemory<byte>? response, InvocationFault? fault, CancellationToken cancel)
    {
        var key = invocation.IdempotencyKey ?? throw new ArgumentException("Only what has an idempotency key is recorded.", nameof(invocation));
        return database.WriteAsync(
            async (connection, transaction) =>
            {
                var now = Now();
                var holder = await KeyScope.EnterAsync(database, connection, transaction, invocation.Function, key, now).ConfigureAwait(false);
                if (holder?.Invocation is { } earlier)
                {
                    return new EnqueuedInvocation(earlier, IsNew: false);
                }

                var id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddTicks(now * 10));
                await connection.ExecuteAsync(Insert, RowOf(id, invocation, fanOut: null, now), transaction).ConfigureAwait(false);
                await connection.ExecuteAsync(
                    """
                    UPDATE invocations SET state = @state, attempt = 1, started_at = @now, ended_at = @now, expires_at = @forget, response = @response, fault = @fault
                    WHERE id = @id
                    """,
                    new
                    {
                        id = Key(id),
                        state = (int)(fault is null ? InvocationState.Succeeded : InvocationState.Failed),
                        now,
                        forget = now + Microseconds(lifetime.OfResults),
                        response = response?.ToArray(),
                        fault = fault is null ? null : Json(fault),
                    },
                    transaction).ConfigureAwait(false);
                return new EnqueuedInvocation(id, IsNew: false);
            },
            cancel);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredInvocation>> TryLeaseAsync(
        IReadOnlyDictionary<string, int> regions, int count, string owner, TimeSpan duration, CancellationToken cancel) =>
        _writes.WriteAsync<IReadOnlyList<StoredInvocation>>(
            LeaseLast,
            async (connection, transaction) =>
            {
                var now = Now();
                var isServed = database.IsAnyOf("region", "@regions");
                var arguments = new
                {
                    regions = regions.Keys.ToArray(),
                    now,
                    until = now + Microseconds(duration),
                    forgetDead = now + Microseconds(lifetime.OfDead),
                    fault = Json(new InvocationFault { Code = "abandoned", Message = "The last attempt's lease ran out." }),
                };
                await connection.ExecuteAsync(
                    $"""
                    UPDATE invocations SET state = 4, lease_owner = NULL, ended_at = @now, expires_at = @forgetDead, fault = COALESCE(fault, @fault)
                    WHERE state = 1 AND {isServed} AND due_at <= @now AND attempt >= max_attempts
                    """,
                    arguments,
                    transaction).ConfigureAwait(false);
                var leased = new List<StoredInvocation>();
                foreach (var (region, share) in await SharesAsync(connection, transaction, regions, count, now).ConfigureAwait(false))
                {
                    var rows = await connection.QueryAsync<Row>(
                        $"""
                        WITH due AS MATERIALIZED (
                            SELECT id FROM invocations WHERE region = @region AND {IsDue} ORDER BY due_at, id LIMIT @share {database.SkipLocked})
                        UPDATE invocations SET state = 1, attempt = attempt + 1, lease_owner = @owner, due_at = @until, started_at = @now
                        WHERE id IN (SELECT id FROM due)
                        RETURNING {Columns}
                        """,
                        new { region, share, owner, now, arguments.until },
                        transaction).ConfigureAwait(false);
                    leased.AddRange(rows.Select(row => row.ToInvocation()));
                }

                return [.. leased.OrderBy(invocation => invocation.Id.ToString(), StringComparer.Ordinal)];
            });

    /// <inheritdoc/>
    public async Task<bool> RenewAsync(InvocationLease lease, TimeSpan duration, CancellationToken cancel) => await WriteHeldAsync(
        lease,
        $"UPDATE invocations SET due_at = @until WHERE {HeldLease}",
        new { id = Key(lease.Id), owner = lease.Owner, attempt = lease.Attempt, until = Now() + Microseconds(duration) }).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public async Task<bool> CompleteAsync(InvocationLease lease, ReadOnlyMemory<byte> response, CancellationToken cancel)
    {
        var now = Now();
        return await WriteHeldAsync(
            lease,
            $"""
            UPDATE invocations SET state = 2, lease_owner = NULL, ended_at = @now, expires_at = @forget, response = @response, fault = NULL, postponed = 0
            WHERE {HeldLease}
            """,
            new
            {
                id = Key(lease.Id),
                owner = lease.Owner,
                attempt = lease.Attempt,
                now,
                forget = now + Microseconds(lifetime.OfResults),
                response = response.ToArray(),
            }).ConfigureAwait(false) > 0;
    }

    /// <inheritdoc/>
    public Task<InvocationState?> FailAsync(
        InvocationLease lease, InvocationFault fault, DateTimeOffset? nextAttemptAt, CancellationToken cancel)
    {
        var now = Now();
        var arguments = new
        {
            id = Key(lease.Id),
            owner = lease.Owner,
            attempt = lease.Attempt,
            fault = Json(fault),
            now,
            forget = now + Microseconds(lifetime.OfResults),
            forgetDead = now + Microseconds(lifetime.OfDead),
            retry = nextAttemptAt is null ? 0 : 1,
            due = Microseconds(nextAttemptAt ?? clock.GetUtcNow()),
        };
        return _writes.WriteAsync(OfLease(lease), (connection, transaction) => StateAfterAsync(
            connection,
            transaction,
            $"""
            UPDATE invocations SET
                state = CASE WHEN @retry = 0 THEN 3 WHEN attempt >= max_attempts THEN 4 ELSE 0 END,
                due_at = @due, lease_owner = NULL, fault = @fault, postponed = 0,
                ended_at = CASE WHEN @retry = 0 OR attempt >= max_attempts THEN @now END,
                expires_at = CASE WHEN @retry = 0 THEN @forget WHEN attempt >= max_attempts THEN @forgetDead ELSE expires_at END
            WHERE {HeldLease} RETURNING state
            """,
            arguments));
    }

    /// <inheritdoc/>
    public async Task<bool> PostponeAsync(InvocationLease lease, InvocationFault fault, DateTimeOffset until, CancellationToken cancel) => await WriteHeldAsync(
        lease,
        $"""
        UPDATE invocations SET
            state = 0, attempt = attempt - 1, postponed = postponed + 1, due_at = @until, lease_owner = NULL, fault = @fault
        WHERE {HeldLease}
        """,
        new { id = Key(lease.Id), owner = lease.Owner, attempt = lease.Attempt, fault = Json(fault), until = Microseconds(until) }).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public Task<InvocationState?> CancelAsync(Guid id, CancellationToken cancel)
    {
        var now = Now();
        var arguments = new { id = Key(id), now, forget = now + Microseconds(lifetime.OfResults) };
        return database.WriteAsync(
            (connection, transaction) => StateAfterAsync(
                connection,
                transaction,
                """
                UPDATE invocations SET
                    state = CASE WHEN state <= 1 THEN 5 ELSE state END, lease_owner = NULL, ended_at = COALESCE(ended_at, @now),
                    expires_at = CASE WHEN state <= 1 THEN @forget ELSE expires_at END
                WHERE id = @id RETURNING state
                """,
                arguments),
            cancel);
    }

    /// <inheritdoc/>
    public Task<StoredInvocation?> FindAsync(Guid id, CancellationToken cancel) => database.ReadAsync(
        async connection => (await connection.QuerySingleOrDefaultAsync<Row>(
            $"SELECT {Columns} FROM invocations WHERE id = @id AND {IsKept}", new { id = Key(id), now = Now() }).ConfigureAwait(false))
            ?.ToInvocation(),
        cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredInvocation>> ListAsync(
        InvocationState state, string? function, string? owner, Guid? after, int count, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<StoredInvocation>>(
            async connection => [.. (await connection.QueryAsync<Row>(
                $"""
                SELECT {Columns} FROM invocations
                WHERE state = @state AND id > @after AND {IsKept} {(function is null ? "" : "AND function = @function")} {(owner is null ? "" : "AND owner = @owner")}
                ORDER BY id LIMIT @count
                """,
                new { state = (int)state, function, owner, after = after is { } last ? Key(last) : "", now = Now(), count }).ConfigureAwait(false))
                .Select(row => row.ToInvocation())],
            cancel);

    /// <inheritdoc/>
    public async Task<bool> RequeueAsync(Guid id, CancellationToken cancel) => await ExecuteAsync(
        "UPDATE invocations SET state = 0, attempt = 0, postponed = 0, due_at = @now, ended_at = NULL, expires_at = @never WHERE id = @id AND state = 4",
        new { id = Key(id), now = Now(), never = Never },
        cancel).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public Task<int> PurgeAsync(CancellationToken cancel) => ExecuteAsync(
        $"DELETE FROM invocations WHERE expires_at <= @now AND NOT {OfUndecided}", new { now = Now() }, cancel);

    internal static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / 10;

    internal static long Microseconds(TimeSpan time) => time.Ticks / 10;

    internal static string Key(Guid id) => id.ToString("D");

    private static string Json(InvocationFault fault) => JsonSerializer.Serialize(StoredFault.Of(fault), InvocationJson.Default.StoredFault);

    /// <summary>Queues one invocation that has no idempotency key.</summary>
    internal static Task<int> InsertAsync(
        DbConnection connection, DbTransaction transaction, Guid id, NewInvocation invocation, Guid? fanOut, long now) =>
        connection.ExecuteAsync(Insert, RowOf(id, invocation, fanOut, now), transaction);

    private async Task<EnqueuedInvocation> InsertAsync(DbConnection connection, DbTransaction transaction, NewInvocation invocation, long now)
    {
        if (invocation.IdempotencyKey is { } key
            && await KeyScope.EnterAsync(database, connection, transaction, invocation.Function, key, now).ConfigureAwait(false) is { } holder)
        {
            return holder.Invocation is { } earlier ? new EnqueuedInvocation(earlier, IsNew: false) : new EnqueuedInvocation(Guid.Empty, IsNew: false, holder);
        }

        var id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddTicks(now * 10));
        await connection.ExecuteAsync(Insert, RowOf(id, invocation, fanOut: null, now), transaction).ConfigureAwait(false);
        return new EnqueuedInvocation(id, IsNew: true);
    }

    private static object RowOf(Guid id, NewInvocation invocation, Guid? fanOut, long now) => new
    {
        id = Key(id),
        function = invocation.Function,
        region = invocation.Region,
        payload = invocation.Payload.ToArray(),
        max = invocation.MaxAttempts,
        due = invocation.NotBefore is { } at ? Microseconds(at) : now,
        key = invocation.IdempotencyKey,
        owner = invocation.Owner,
        trace = invocation.TraceParent,
        fanOut = fanOut is { } of ? Key(of) : null,
        now,
        never = Never,
    };

    /// <summary>Divides what is asked for among the regions that have something due. No more than that much of each is looked at, however much waits.</summary>
    private static async Task<IEnumerable<(string Region, int Share)>> SharesAsync(
        DbConnection connection, DbTransaction transaction, IReadOnlyDictionary<string, int> regions, int count, long now)
    {
        if (regions.Count <= 1)
        {
            return regions.Keys.Select(region => (region, count));
        }

        var names = regions.Keys.ToArray();
        var arguments = new DynamicParameters(new { count, now });
        for (var i = 0; i < names.Length; i++)
        {
            arguments.Add($"r{i}", names[i]);
        }

        var due = (await connection.QueryAsync<(string Region, long Count)>(
            $"""
            WITH served (name) AS (VALUES {string.Join(", ", names.Select((_, i) => $"(@r{i})"))})
            SELECT name, (SELECT COUNT(*) FROM (SELECT 1 FROM invocations WHERE region = served.name AND {IsDue} LIMIT @count) AS due) FROM served
            """,
            arguments,
            transaction).ConfigureAwait(false)).ToDictionary(region => region.Region, region => (int)region.Count, StringComparer.Ordinal);
        var shares = FairShares.Divide([.. names.Select(name => (regions[name], due[name]))], count);
        return names.Zip(shares).Where(region => region.Second > 0);
    }

    private static string OfLease(InvocationLease lease) => LeasesThen + Key(lease.Id);

    private static async Task<InvocationState?> StateAfterAsync(DbConnection connection, DbTransaction transaction, string sql, object arguments) =>
        (InvocationState?)await connection.ExecuteScalarAsync<int?>(sql, arguments, transaction).ConfigureAwait(false);

    private Task<int> WriteHeldAsync(InvocationLease lease, string sql, object arguments) =>
        _writes.WriteAsync(OfLease(lease), (connection, transaction) => connection.ExecuteAsync(sql, arguments, transaction));

    private Task<int> ExecuteAsync(string sql, object arguments, CancellationToken cancel) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(sql, arguments, transaction), cancel);

    private long Now() => Microseconds(clock.GetUtcNow());

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

        public string? Owner { get; set; }

        public long CreatedAt { get; set; }

        public long ExpiresAt { get; set; }

        public int Postponed { get; set; }

        public string? TraceParent { get; set; }

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
            Fault = Fault is null ? null : JsonSerializer.Deserialize(Fault, InvocationJson.Default.StoredFault)!.ToFault(),
            IdempotencyKey = IdempotencyKey,
            Owner = Owner,
            CreatedAt = Time(CreatedAt),
            ExpiresAt = ExpiresAt == Never ? null : Time(ExpiresAt),
            Postponed = Postponed,
            TraceParent = TraceParent,
            StartedAt = StartedAt is { } started ? Time(started) : null,
            EndedAt = EndedAt is { } ended ? Time(ended) : null,
        };

        private static DateTimeOffset Time(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * 10);
    }
}
