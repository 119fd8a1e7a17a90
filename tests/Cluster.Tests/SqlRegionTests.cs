using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Hosting;

namespace HeliosEdge.Cluster.Tests;

/// <summary>SQL where silos share their state: a region has one database, on its only silo, or none.</summary>
[Trait("Category", "Process")]
public sealed class SqlRegionTests
{
    private static readonly string[] SqlInEu = ["--sql-regions", "eu"];

    [PostgresFact]
    public async Task Functions_that_may_use_SQL_are_refused_in_a_region_that_may_have_several_silos()
    {
        var cluster = await PostgresServer.NewDatabaseAsync();
        await using var silo = await ClusterSilo.StartAsync(cluster, "eu");

        await ShouldBeRefusedAsync(await RegisterAsync(silo, "eu"), "eu does not allow db.execute, db.query (its silos share their state", "--sql-regions");
    }

    [PostgresFact]
    public async Task A_region_with_one_silo_has_one_database_for_the_callers_of_all_silos_and_no_second_silo_gets_in()
    {
        var cluster = await PostgresServer.NewDatabaseAsync();
        await using var eu = await ClusterSilo.StartAsync(cluster, "eu", SqlInEu);
        await using var us = await ClusterSilo.StartAsync(cluster, "us", SqlInEu);
        await Task.WhenAll(us.WaitForRegionAsync("eu"), eu.WaitForRegionAsync("us"));

        (await RegisterAsync(us, "eu")).StatusCode.ShouldBe(HttpStatusCode.Created);
        await ShouldBeRefusedAsync(await RegisterAsync(us, "us", "g"), "us does not allow db.execute, db.query");
        (await ExecuteAsync(us, "CREATE TABLE t (x)")).ShouldContain("rowsAffected");
        (await ExecuteAsync(eu, "INSERT INTO t VALUES (1)")).ShouldContain("\"lastInsertId\":1");
        (await ExecuteAsync(us, "INSERT INTO t VALUES (2)")).ShouldContain("\"lastInsertId\":2");

        foreach (var settings in (string[][])[[], SqlInEu, ["--cluster", "none"]])
        {
            var (code, _, error) = await ClusterSilo.RunAsync(cluster, settings);
            code.ShouldBe(StartFailure.CannotStart, error);
            error.ShouldContain("The region eu has its SQL database in ");
        }

        (await ExecuteAsync(us, "INSERT INTO t VALUES (3)")).ShouldContain("\"lastInsertId\":3");
    }

    [PostgresFact]
    public async Task Statements_over_HTTP_reach_the_only_silo_of_their_region_and_are_refused_where_there_is_none()
    {
        var cluster = await PostgresServer.NewDatabaseAsync();
        await using var eu = await ClusterSilo.StartAsync(cluster, "eu", SqlInEu);
        await using var us = await ClusterSilo.StartAsync(cluster, "us", SqlInEu);
        await Task.WhenAll(us.WaitForRegionAsync("eu"), eu.WaitForRegionAsync("us"));

        (await SendAsync(us, "batch?region=eu", """[{"sql": "CREATE TABLE t (x)"}, {"sql": "INSERT INTO t VALUES (?1)", "params": ["é"]}]""")).ShouldBe(
            (HttpStatusCode.OK, """[{"rowsAffected":0,"lastInsertId":0},{"rowsAffected":1,"lastInsertId":1}]"""));
        (await SendAsync(us, "query?region=eu", """{"sql": "SELECT x FROM t"}""")).Body.ShouldContain("\"rows\":[[\"");
        (await SendAsync(eu, "query", """{"sql": "SELECT count(*) AS n FROM t"}""")).ShouldBe((HttpStatusCode.OK, """{"columns":["n"],"rows":[[1]]}"""));
        (await us.Http.GetStringAsync("/v1/databases?region=eu")).ShouldBe("""{"region":"eu","databases":[{"name":"main","kind":"sqlite"}]}""");

        var (failed, problem) = await SendAsync(us, "batch?region=eu", """[{"sql": "INSERT INTO t VALUES (2)"}, {"sql": "SELEKT 1"}]""");
        failed.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var details = JsonNode.Parse(problem)!;
        (details["code"]!.GetValue<string>(), details["sqlstate"]!.GetValue<string>(), details["statement"]!.GetValue<int>(), details["position"]!.GetValue<int>())
            .ShouldBe(("statement_failed", "42601", 1, 1));

        // Only one can write: while the endless statement does, others wait to no purpose. It ends with its caller, on whichever silo that is.
        const string Endless = """{"sql": "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"}""";
        using var leaving = new CancellationTokenSource();
        var left = SendAsync(us, "execute?region=eu", Endless, deadlineMs: 60_000, leaving.Token);
        await Eventually.HoldsAsync("the endless statement to run", async () =>
            await SendAsync(us, "execute?region=eu", """{"sql": "INSERT INTO t VALUES (3)"}""", deadlineMs: 300) is (HttpStatusCode.GatewayTimeout, var late)
            && JsonNode.Parse(late)!["code"]!.GetValue<string>() == "timeout");
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(left);
        (await SendAsync(us, "execute?region=eu", """{"sql": "INSERT INTO t VALUES (3)"}""")).Body.ShouldContain("\"rowsAffected\":1");

        foreach (var silo in new[] { eu, us })
        {
            var (status, refused) = await SendAsync(silo, "query?region=us", """{"sql": "SELECT 1"}""");
            status.ShouldBe(HttpStatusCode.NotFound);
            refused.ShouldContain("database_not_found");
            refused.ShouldContain("The region us has no database \\\"main\\\" (its silos share their state, but for SQL databases");
            (await silo.Http.GetStringAsync("/v1/databases?region=us")).ShouldBe("""{"region":"us","databases":[]}""");
        }
    }

    [PostgresFact]
    public async Task A_region_that_no_longer_offers_SQL_refuses_calls_of_functions_that_use_it_and_takes_more_silos()
    {
        var cluster = await PostgresServer.NewDatabaseAsync();
        await using var eu = await ClusterSilo.StartAsync(cluster, "eu", SqlInEu);
        (await RegisterAsync(eu, "eu")).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await ExecuteAsync(eu, "CREATE TABLE t (x)")).ShouldContain("rowsAffected");

        await eu.RestartWithAsync();

        var refused = await ExecuteAsync(eu, "INSERT INTO t VALUES (1)");
        refused.ShouldContain("capability_denied");
        refused.ShouldContain("eu does not allow db.execute, db.query (its silos share their state");
        await using (await ClusterSilo.StartAsync(cluster, "eu"))
        {
            (await ExecuteAsync(eu, "INSERT INTO t VALUES (1)")).ShouldContain("capability_denied");
        }
    }

    [PostgresFact]
    public async Task A_silo_takes_the_place_of_one_whose_folder_is_gone_when_its_operator_says_so()
    {
        var cluster = await PostgresServer.NewDatabaseAsync();
        await using (var lost = await ClusterSilo.StartAsync(cluster, "eu", SqlInEu))
        {
            (await RegisterAsync(lost, "eu")).StatusCode.ShouldBe(HttpStatusCode.Created);
            (await ExecuteAsync(lost, "CREATE TABLE t (x)")).ShouldContain("rowsAffected");
        }

        (await ClusterSilo.RunAsync(cluster, SqlInEu)).Error.ShouldContain("--new");
        await using var next = await ClusterSilo.StartAsync(cluster, "eu", [.. SqlInEu, "--new"]);

        (await ExecuteAsync(next, "CREATE TABLE t (x)")).ShouldContain("rowsAffected");
    }

    private static async Task<HttpResponseMessage> RegisterAsync(ClusterSilo silo, string region, string name = "f")
    {
        using var module = new ByteArrayContent(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "guests", "database.wasm")));
        using var uploaded = await silo.Http.PutAsync("/v1/modules", module);
        var hash = JsonNode.Parse(await uploaded.Content.ReadAsStringAsync())!["hash"]!.GetValue<string>();
        return await silo.Http.PutAsJsonAsync(
            $"/v1/functions/{name}", new { module = hash, entry = "execute", regions = new[] { region }, profile = "database_only", limits = new { timeoutMs = 10_000 } });
    }

    private static async Task ShouldBeRefusedAsync(HttpResponseMessage answer, params string[] texts)
    {
        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        problem["code"]!.GetValue<string>().ShouldBe("capability_denied");
        foreach (var text in texts)
        {
            problem["detail"]!.GetValue<string>().ShouldContain(text);
        }
    }

    private static async Task<(HttpStatusCode Status, string Body)> SendAsync(ClusterSilo silo, string verb, string body, int? deadlineMs = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/databases/main/{verb}") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (deadlineMs is { } milliseconds)
        {
            request.Headers.Add("X-Helios-Deadline-Ms", $"{milliseconds}");
        }

        using var answer = await silo.Http.SendAsync(request, cancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    private static async Task<string> ExecuteAsync(ClusterSilo silo, string sql)
    {
        using var body = new StringContent(sql);
        using var answer = await silo.Http.PostAsync("/v1/functions/f/invoke?region=eu", body);
        return await answer.Content.ReadAsStringAsync();
    }
}
