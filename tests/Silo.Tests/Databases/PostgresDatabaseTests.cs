using System.Net;
using HeliosEdge.Data.Databases;
using HeliosEdge.Silo.Tests.Running;
using Npgsql;
using static HeliosEdge.Silo.Tests.Databases.SqlOverHttp;

namespace HeliosEdge.Silo.Tests.Databases;

/// <summary>SQL over HTTP in a database of PostgreSQL.</summary>
public sealed class PostgresDatabaseTests : IAsyncLifetime
{
    private TestSilo _silo = null!;
    private NpgsqlDataSource _direct = null!;

    public async Task InitializeAsync()
    {
        if (PostgresServer.WhySkipped is not null)
        {
            return;
        }

        var databases = DatabaseSettingText.Parse($"orders={await PostgresServer.NewOwnedDatabaseAsync()}", ["eu"]);
        _direct = NpgsqlDataSource.Create(databases[0].Connection);
        _silo = await TestSilo.StartAsync(regions: ["eu"], configure: options => options with { Databases = databases });
    }

    public async Task DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
            await _direct.DisposeAsync();
        }
    }

    [PostgresFact]
    public async Task It_is_listed_and_takes_statements_beside_the_regions_own()
    {
        (await Answer.JsonAsync(await _silo.Http.GetAsync("/v1/databases"))).ToJsonString().ShouldBe(
            """{"region":"eu","databases":[{"name":"main","kind":"sqlite"},{"name":"orders","kind":"postgresql"}]}""");

        var answers = await Answer.JsonAsync(await SendAsync(
            "batch",
            "[" + string.Join(',', Statement("CREATE TABLE t (a int PRIMARY KEY, j jsonb)"), """{"sql": "INSERT INTO t VALUES ($1, $2) RETURNING j", "params": [1, {"k": [true]}]}""") + "]"));

        answers[1]!.ToJsonString().ShouldBe("""{"columns":["j"],"rows":[[{"k":[true]}]],"rowsAffected":1,"lastInsertId":0}""");
        (await Answer.JsonAsync(await SendAsync("query", Statement("SELECT a FROM t WHERE a = $1", 1).ToJsonString())))["rows"]!.ToJsonString().ShouldBe("[[1]]");
        await Answer.ProblemAsync(await SendAsync("query", Statement("DELETE FROM t").ToJsonString()), HttpStatusCode.UnprocessableEntity, "statement_failed");
    }

    [PostgresFact]
    public async Task A_batch_is_undone_as_a_whole_and_an_error_says_where_it_is()
    {
        await Answer.JsonAsync(await SendAsync("execute", Statement("CREATE TABLE u (a int)").ToJsonString()));

        var problem = await Answer.ProblemAsync(
            await SendAsync("batch", Batch("INSERT INTO u VALUES (1)", "SELECT 'äöü€😀', nosuch FROM u").ToJsonString()), HttpStatusCode.UnprocessableEntity, "statement_failed");

        (problem["sqlstate"]!.GetValue<string>(), problem["position"]!.GetValue<int>(), problem["statement"]!.GetValue<int>()).ShouldBe(("42703", 17, 1));
        (await Answer.JsonAsync(await SendAsync("query", Statement("SELECT count(*)::int FROM u").ToJsonString())))["rows"]!.ToJsonString().ShouldBe("[[0]]");
    }

    [PostgresFact]
    public async Task A_conflict_says_that_it_may_pass()
    {
        await Answer.JsonAsync(await SendAsync("execute", Statement("CREATE TABLE counters AS SELECT i, 0 AS n FROM generate_series(1, 2) i").ToJsonString()));
        await using var holder = await _direct.OpenConnectionAsync();
        await using (var hold = new NpgsqlCommand("SELECT pg_advisory_lock(1), pg_advisory_lock(2)", holder))
        {
            await hold.ExecuteNonQueryAsync();
        }

        // Each has changed one row when it waits, and then wants that of the other.
        var batches = ((int, int)[])[(1, 2), (2, 1)];
        var sent = batches.Select(rows => SendAsync("batch", Batch(Add(rows.Item1), $"SELECT pg_advisory_xact_lock({rows.Item1})::text", Add(rows.Item2)).ToJsonString())).ToArray();
        await Eventually.HoldsAsync("both wait", async () => (long)(await ScalarAsync("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"))! == 2);
        await using (var free = new NpgsqlCommand("SELECT pg_advisory_unlock_all()", holder))
        {
            await free.ExecuteNonQueryAsync();
        }

        var answers = (await Task.WhenAll(sent)).OrderBy(answer => answer.StatusCode).ToArray();
        await Answer.JsonAsync(answers[0]);
        var problem = await Answer.ProblemAsync(answers[1], HttpStatusCode.Conflict, "statement_conflict");
        problem["sqlstate"]!.GetValue<string>().ShouldBe("40P01");
        (await ScalarAsync("SELECT sum(n) FROM counters")).ShouldBe(2L);

        static string Add(int row) => $"UPDATE counters SET n = n + 1 WHERE i = {row}";
    }

    [PostgresFact]
    public async Task What_a_caller_leaves_ends_in_the_server()
    {
        const string Active = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(50%' AND state = 'active' AND pid <> pg_backend_pid()";
        using var leaving = new CancellationTokenSource();
        var left = SendAsync("execute", Statement("SELECT pg_sleep(50)").ToJsonString(), 60_000, leaving.Token);
        await Eventually.HoldsAsync("the statement to run", async () => await ScalarAsync(Active) is 1L);

        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(left);
        await Eventually.HoldsAsync("the statement to end", async () => await ScalarAsync(Active) is 0L);
    }

    private Task<HttpResponseMessage> SendAsync(string verb, string body, int? deadlineMs = null, CancellationToken cancellationToken = default) =>
        _silo.Http.SendTextAsync(verb, body, database: "orders", deadlineMs: deadlineMs, cancellationToken: cancellationToken);

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var command = _direct.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
