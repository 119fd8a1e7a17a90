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
        await ScalarAsync("CREATE FUNCTION collide() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'in the way' USING ERRCODE = '40001'; END $$");

        var problem = await Answer.ProblemAsync(await SendAsync("execute", Statement("SELECT collide()").ToJsonString()), HttpStatusCode.Conflict, "statement_conflict");

        problem["sqlstate"]!.GetValue<string>().ShouldBe("40001");
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
