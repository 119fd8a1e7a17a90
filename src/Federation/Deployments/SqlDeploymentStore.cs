using System.Text.Json;
using Dapper;
using HeliosEdge.Storage;

namespace HeliosEdge.Federation.Deployments;

/// <summary>Orders for other silos, in a table.</summary>
internal sealed class SqlDeploymentStore(IStateDatabase database, TimeProvider clock) : IDeploymentStore
{
    private const string Columns = "function, peer, regions, registration, module, bundles, state, attempts, problem, revision, updated_at AS UpdatedAt";

    private const string IsCurrent = "function = @Function AND peer = @Peer AND revision = @Revision";

    /// <inheritdoc/>
    public Task PutAsync(IReadOnlyCollection<StoredDeployment> deployments) => database.WriteAsync(async (connection, transaction) =>
    {
        foreach (var deployment in deployments)
        {
            await connection.ExecuteAsync(
                """
                INSERT INTO deployments (function, peer, regions, registration, module, bundles, state, attempts, due_at, problem, revision, updated_at)
                VALUES (@Function, @Peer, @Regions, @Registration, @Module, @Bundles, 0, 0, @Now, NULL, 1, @Now)
                ON CONFLICT (function, peer) DO UPDATE SET
                    regions = excluded.regions, registration = excluded.registration, module = excluded.module, bundles = excluded.bundles,
                    state = 0, attempts = 0, due_at = excluded.due_at, problem = NULL, revision = deployments.revision + 1,
                    updated_at = excluded.updated_at
                """,
                new
                {
                    deployment.Function,
                    deployment.Peer,
                    Regions = string.Join(',', deployment.Regions),
                    deployment.Registration,
                    deployment.Module,
                    Bundles = string.Join(',', deployment.Bundles),
                    Now = Now(),
                },
                transaction).ConfigureAwait(false);
        }

        return deployments.Count;
    });

    /// <inheritdoc/>
    public Task<StoredDeployment?> FindAsync(string function, string peer) => database.ReadAsync(async connection =>
        (await connection.QuerySingleOrDefaultAsync<Row>(
            $"SELECT {Columns} FROM deployments WHERE function = @function AND peer = @peer", new { function, peer }).ConfigureAwait(false))
            ?.ToDeployment());

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredDeployment>> ListAsync(string function) => QueryAsync("WHERE function = @function ORDER BY peer", new { function });

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredDeployment>> ListAsync(DeploymentState? state, int count) => QueryAsync(
        state is null ? "ORDER BY function, peer LIMIT @count" : "WHERE state = @state ORDER BY function, peer LIMIT @count",
        new { state = (int?)state, count });

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredDeployment>> ListDueAsync(int count) =>
        QueryAsync("WHERE state = 0 AND due_at <= @now ORDER BY due_at, function, peer LIMIT @count", new { now = Now(), count });

    /// <inheritdoc/>
    public Task EndAsync(StoredDeployment deployment, DeploymentState state, DeploymentProblem? problem) => ExecuteAsync(
        deployment.Registration is null && state == DeploymentState.Deployed
            ? $"DELETE FROM deployments WHERE {IsCurrent}"
            : $"UPDATE deployments SET state = @State, problem = @Problem, updated_at = @Now WHERE {IsCurrent}",
        new { deployment.Function, deployment.Peer, deployment.Revision, State = (int)state, Problem = Json(problem), Now = Now() });

    /// <inheritdoc/>
    public Task DeferAsync(StoredDeployment deployment, DeploymentProblem problem, TimeSpan delay) => ExecuteAsync(
        $"UPDATE deployments SET attempts = attempts + 1, problem = @Problem, due_at = @Due, updated_at = @Now WHERE {IsCurrent}",
        new
        {
            deployment.Function,
            deployment.Peer,
            deployment.Revision,
            Problem = Json(problem),
            Now = Now(),
            Due = Now() + (long)delay.TotalMilliseconds,
        });

    /// <inheritdoc/>
    public Task WakeAsync(string peer) =>
        ExecuteAsync("UPDATE deployments SET due_at = @now WHERE peer = @peer AND state = 0", new { peer, now = Now() });

    private static string? Json(DeploymentProblem? problem) =>
        problem is null ? null : JsonSerializer.Serialize(StoredProblem.Of(problem), DeploymentJson.Default.StoredProblem);

    private Task ExecuteAsync(string sql, object arguments) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(sql, arguments, transaction));

    private Task<IReadOnlyList<StoredDeployment>> QueryAsync(string condition, object arguments) =>
        database.ReadAsync<IReadOnlyList<StoredDeployment>>(async connection =>
        [
            .. (await connection.QueryAsync<Row>($"SELECT {Columns} FROM deployments {condition}", arguments).ConfigureAwait(false))
                .Select(row => row.ToDeployment()),
        ]);

    private long Now() => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed class Row
    {
        public string Function { get; set; } = "";

        public string Peer { get; set; } = "";

        public string Regions { get; set; } = "";

        public string? Registration { get; set; }

        public string Module { get; set; } = "";

        public string Bundles { get; set; } = "";

        public int State { get; set; }

        public int Attempts { get; set; }

        public string? Problem { get; set; }

        public long Revision { get; set; }

        public long UpdatedAt { get; set; }

        public StoredDeployment ToDeployment() => new()
        {
            Function = Function,
            Peer = Peer,
            Regions = [.. Regions.Split(',')],
            Registration = Registration,
            Module = Module,
            Bundles = [.. Bundles.Split(',', StringSplitOptions.RemoveEmptyEntries)],
            State = (DeploymentState)State,
            Attempts = Attempts,
            Problem = Problem is null ? null : JsonSerializer.Deserialize(Problem, DeploymentJson.Default.StoredProblem)!.ToProblem(),
            Revision = Revision,
            UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(UpdatedAt),
        };
    }
}
