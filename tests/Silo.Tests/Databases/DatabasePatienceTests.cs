using System.Net;
using HeliosEdge.Grains.Databases;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.Extensions.DependencyInjection;
using static HeliosEdge.Silo.Tests.Databases.SqlOverHttp;

namespace HeliosEdge.Silo.Tests.Databases;

/// <summary>How long statements may take, and how many at once.</summary>
public sealed class DatabasePatienceTests : IAsyncLifetime
{
    private const string EndlessInsert = "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

    private TestSilo _silo = null!;

    private DatabaseRunner Runner => _silo.Services.GetRequiredService<DatabaseRunner>();

    public async Task InitializeAsync() => _silo = await TestSilo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task A_statement_ends_at_the_deadline_that_its_caller_states()
    {
        var problem = await Answer.ProblemAsync(await _silo.Http.SendAsync("query", Statement(EndlessQuery), deadlineMs: 200), HttpStatusCode.GatewayTimeout, "timeout");

        (problem["limit"]!.GetValue<int>(), problem["sqlstate"]!.GetValue<string>()).ShouldBe((200, "57014"));
    }

    [Theory]
    [InlineData("execute")]
    [InlineData("batch")]
    public async Task What_a_caller_leaves_ends_and_makes_way_for_others(string verb)
    {
        await _silo.Http.ExecuteAsync("CREATE TABLE t (x)");
        using var leaving = new CancellationTokenSource();
        var left = _silo.Http.SendAsync(
            verb, verb == "batch" ? Batch("INSERT INTO t VALUES (1)", EndlessInsert) : Statement(EndlessInsert), deadlineMs: 60_000, cancellationToken: leaving.Token);
        await Eventually.HoldsAsync("the statement to run", () => Runner.UnderWay == 1);

        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(left);

        // Only one can write: this one waits for as long as half of what the other would have taken.
        (await _silo.Http.ExecuteAsync("INSERT INTO t VALUES (2)"))["rowsAffected"]!.GetValue<int>().ShouldBe(1);
        (await _silo.Http.RowsAsync("SELECT x FROM t")).ShouldBe("[[2]]");
    }

    [Fact]
    public async Task More_than_can_run_and_wait_are_refused()
    {
        using var leaving = new CancellationTokenSource();
        var all = Enumerable.Range(0, DatabaseLimits.MaxUnderWay + DatabaseLimits.MaxWaiting)
            .Select(_ => _silo.Http.SendAsync("query", Statement(EndlessQuery), deadlineMs: 60_000, cancellationToken: leaving.Token))
            .ToList();
        await Eventually.HoldsAsync("all places to be taken", () => (Runner.UnderWay, Runner.Waiting) == (DatabaseLimits.MaxUnderWay, DatabaseLimits.MaxWaiting));

        using var refused = await _silo.Http.SendAsync("query", Statement("SELECT 1"));

        var problem = await Answer.ProblemAsync(refused, HttpStatusCode.TooManyRequests, "overloaded");
        problem["limit"]!.GetValue<int>().ShouldBe(DatabaseLimits.MaxUnderWay);
        refused.Headers.RetryAfter.ShouldNotBeNull();
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(Task.WhenAll(all));
        await Eventually.HoldsAsync("all places to be free", () => (Runner.UnderWay, Runner.Waiting) == (0, 0));
        (await _silo.Http.RowsAsync("SELECT 1")).ShouldBe("[[1]]");
    }
}
