using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Federation;
using HeliosEdge.Silo.Tests.Running;
using static HeliosEdge.Silo.Tests.Databases.SqlOverHttp;

namespace HeliosEdge.Silo.Tests.Databases;

public sealed class DatabaseEndpointTests(OneSilo one) : IClassFixture<OneSilo>
{
    private readonly HttpClient _http = one.Silo.Http;

    [Fact]
    public async Task Statements_are_run_and_answered_in_the_form_that_functions_get()
    {
        (await _http.ExecuteAsync("CREATE TABLE form (id INTEGER PRIMARY KEY, name TEXT, data BLOB, weight REAL)")).ToJsonString()
            .ShouldBe("""{"rowsAffected":0,"lastInsertId":0}""");
        (await _http.ExecuteAsync("INSERT INTO form (name, data, weight) VALUES (?1, ?2, ?3)", "Ada \"é\"", new { base64 = "AQI=" }, 1.5)).ToJsonString()
            .ShouldBe("""{"rowsAffected":1,"lastInsertId":1}""");

        using var answer = await _http.SendAsync("query", Statement("SELECT * FROM form WHERE id = ?1", 1));

        answer.Headers.GetValues("X-Helios-Region").ShouldBe(["eu-west"]);
        (await answer.Content.ReadAsStringAsync()).ShouldBe("""{"columns":["id","name","data","weight"],"rows":[[1,"Ada \u0022\u00E9\u0022","AQI=",1.5]]}""");
    }

    [Fact]
    public async Task A_statement_that_changes_something_and_returns_rows_gives_both()
    {
        await _http.ExecuteAsync("CREATE TABLE returning_rows (id INTEGER PRIMARY KEY, x)");

        var answer = await _http.ExecuteAsync("INSERT INTO returning_rows (x) VALUES (?1), (?2) RETURNING id, x", "a", "b");

        answer.ToJsonString().ShouldBe("""{"columns":["id","x"],"rows":[[1,"a"],[2,"b"]],"rowsAffected":2,"lastInsertId":2}""");
    }

    [Fact]
    public async Task The_region_is_the_one_stated_or_the_first()
    {
        await Answer.JsonAsync(await _http.SendAsync("execute", Statement("CREATE TABLE only_here (x)"), "us-east"));

        (await _http.RowsAsync("SELECT count(*) FROM only_here", "us-east")).ShouldBe("[[0]]");
        await Answer.ProblemAsync(await _http.SendAsync("query", Statement("SELECT count(*) FROM only_here")), HttpStatusCode.UnprocessableEntity, "statement_failed");
        var problem = await Answer.ProblemAsync(await _http.SendAsync("query", Statement("SELECT 1"), "mars"), HttpStatusCode.NotFound, "region_not_found");
        Detail(problem).ShouldContain("eu-west, us-east, ap-south");
    }

    [Fact]
    public async Task For_a_region_of_another_site_is_said_where_to_send_the_statement()
    {
        await using var silo = await TestSilo.StartAsync(
            regions: ["east"], federation: new FederationOptions { Peers = [("west", new Uri("http://127.0.0.1:1"))] });

        foreach (var answer in new[] { await silo.Http.SendAsync("query", Statement("SELECT 1"), "west"), await silo.Http.GetAsync("/v1/databases?region=west") })
        {
            Detail(await Answer.ProblemAsync(answer, HttpStatusCode.NotFound, "region_not_found")).ShouldEndWith(": send it to http://127.0.0.1:1.");
        }
    }

    [Fact]
    public async Task The_databases_of_a_region_are_listed()
    {
        var list = await Answer.JsonAsync(await _http.GetAsync("/v1/databases?region=ap-south"));

        list.ToJsonString().ShouldBe("""{"region":"ap-south","databases":[{"name":"main","kind":"sqlite"}]}""");
        (await Answer.JsonAsync(await _http.GetAsync("/v1/databases")))["region"]!.GetValue<string>().ShouldBe("eu-west");
        await Answer.ProblemAsync(await _http.GetAsync("/v1/databases?region=mars"), HttpStatusCode.NotFound, "region_not_found");
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_answered_with_those_that_are()
    {
        var problem = await Answer.ProblemAsync(await _http.SendAsync("query", Statement("SELECT 1"), database: "orders"), HttpStatusCode.NotFound, "database_not_found");

        Detail(problem).ShouldBe("The region eu-west has no database \"orders\"; it has main.");
    }

    [Fact]
    public async Task A_query_changes_nothing()
    {
        await _http.ExecuteAsync("CREATE TABLE only_read (x)");

        await Answer.ProblemAsync(await _http.SendAsync("query", Statement("INSERT INTO only_read VALUES (1)")), HttpStatusCode.UnprocessableEntity, "statement_failed");

        (await _http.RowsAsync("SELECT count(*) FROM only_read")).ShouldBe("[[0]]");
    }

    [Theory]
    [InlineData("SELECT 1 FORM t", "42601", 15)]
    [InlineData("SELECT 'äöü€😀', nosuch FROM sqlite_schema", "42703", 17)]
    [InlineData("SELECT * FROM nosuch", "42P01", null)]
    public async Task An_error_says_where_it_is_in_characters(string sql, string state, int? position)
    {
        var problem = await Answer.ProblemAsync(await _http.SendAsync("query", Statement(sql)), HttpStatusCode.UnprocessableEntity, "statement_failed");

        problem["sqlstate"]!.GetValue<string>().ShouldBe(state, problem.ToJsonString());
        ((int?)problem["position"]).ShouldBe(position, problem.ToJsonString());
        problem.ContainsKey("statement").ShouldBeFalse();
    }

    [Fact]
    public async Task A_batch_is_one_transaction_and_answers_for_each_statement()
    {
        using var answer = await _http.SendAsync("batch", new JsonArray(
            Statement("CREATE TABLE batched (id INTEGER PRIMARY KEY, x)"),
            Statement("INSERT INTO batched (x) VALUES (?1)", "a"),
            Statement("SELECT x FROM batched")));

        (await Answer.JsonAsync(answer)).ToJsonString().ShouldBe(
            """[{"rowsAffected":0,"lastInsertId":0},{"rowsAffected":1,"lastInsertId":1},{"columns":["x"],"rows":[["a"]],"rowsAffected":0,"lastInsertId":0}]""");
    }

    [Fact]
    public async Task A_batch_of_which_one_statement_fails_changes_nothing_and_names_it()
    {
        await _http.ExecuteAsync("CREATE TABLE whole (x UNIQUE)");
        await _http.ExecuteAsync("INSERT INTO whole VALUES (1)");

        using var answer = await _http.SendAsync("batch", Batch("INSERT INTO whole VALUES (2)", "INSERT INTO whole VALUES (1)", "INSERT INTO whole VALUES (3)"));

        var problem = await Answer.ProblemAsync(answer, HttpStatusCode.UnprocessableEntity, "statement_failed");
        (problem["statement"]!.GetValue<int>(), problem["sqlstate"]!.GetValue<string>()).ShouldBe((1, "23505"));
        Detail(problem).ShouldStartWith("Statement 1 of the batch, none of which was carried out: ");
        (await _http.RowsAsync("SELECT x FROM whole")).ShouldBe("[[1]]");
    }

    [Theory]
    [InlineData("query", "", "no JSON")]
    [InlineData("query", "[]", "must be a JSON object")]
    [InlineData("query", "{}", "sql is missing")]
    [InlineData("query", """{"sql": 1}""", "sql must be a string")]
    [InlineData("query", """{"sql": "SELECT 1", "params": {}}""", "params must be a list")]
    [InlineData("query", """{"sql": "SELECT 1", "parameters": []}""", "Unknown member \"parameters\"")]
    [InlineData("batch", """{"sql": "SELECT 1"}""", "must be a list of objects")]
    [InlineData("batch", "[]", "There are 0 statements")]
    [InlineData("batch", """[{"sql": "SELECT 1"}, {"sql": null}]""", "[1].sql is missing")]
    [InlineData("batch", """[{"sql": "SELECT 1"}, 7]""", "[1] must be a JSON object")]
    public async Task A_body_that_is_none_is_refused_by_what_is_wrong_with_it(string verb, string body, string text)
    {
        var problem = await Answer.ProblemAsync(await _http.SendTextAsync(verb, body), HttpStatusCode.BadRequest, "invalid_parameter");

        Detail(problem).ShouldContain(text);
    }

    [Fact]
    public async Task Another_type_of_body_is_refused()
    {
        using var body = new StringContent("SELECT 1", Encoding.UTF8, "application/sql");

        await Answer.ProblemAsync(await _http.PostAsync("/v1/databases/main/query", body), HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
    }

    [Fact]
    public async Task Parameters_that_do_not_fit_are_the_statement_failing()
    {
        var problem = await Answer.ProblemAsync(await _http.SendAsync("query", Statement("SELECT ?1, ?2", 1)), HttpStatusCode.UnprocessableEntity, "statement_failed");

        Detail(problem).ShouldBe("The statement takes 2 parameters, not 1.");
    }

    [Fact]
    public async Task A_batch_has_a_thousand_statements_at_most()
    {
        await Answer.JsonAsync(await _http.SendAsync("batch", Batch([.. Enumerable.Repeat("SELECT 1", 1_000)])));

        var problem = await Answer.ProblemAsync(
            await _http.SendAsync("batch", Batch([.. Enumerable.Repeat("SELECT 1", 1_001)])), HttpStatusCode.BadRequest, "invalid_parameter");

        (problem["limit"]!.GetValue<int>(), problem["value"]!.GetValue<int>()).ShouldBe((1_000, 1_001));
    }

    [Fact]
    public async Task Parameters_may_be_many_and_deep()
    {
        var many = new JsonArray(Enumerable.Range(0, 1_000).Select(i => (JsonNode)Statement($"SELECT {string.Join(", ", Enumerable.Range(1, 20).Select(n => $"?{n}"))}", [.. Enumerable.Repeat<object>(i, 20)])).ToArray());
        (await Answer.JsonAsync(await _http.SendAsync("batch", many))).AsArray().Count.ShouldBe(1_000);

        var deep = $$"""{"sql": "SELECT ?1", "params": [{{new string('[', 60)}}{{new string(']', 60)}}]}""";
        Detail(await Answer.ProblemAsync(await _http.SendTextAsync("query", deep), HttpStatusCode.UnprocessableEntity, "statement_failed")).ShouldContain("Parameter 1");
        var deeper = $$"""{"sql": "SELECT ?1", "params": [{{new string('[', 63)}}{{new string(']', 63)}}]}""";
        Detail(await Answer.ProblemAsync(await _http.SendTextAsync("query", deeper), HttpStatusCode.BadRequest, "invalid_parameter")).ShouldContain("64");
    }

    [Fact]
    public async Task A_body_has_a_MiB_at_most()
    {
        var most = 1 << 20;
        var body = Statement("SELECT length(?1)", "").ToJsonString();
        body = body.Replace("\"\"", $"\"{new string('x', most - body.Length)}\"", StringComparison.Ordinal);
        (await Answer.JsonAsync(await _http.SendTextAsync("query", body)))["columns"].ShouldNotBeNull();

        var problem = await Answer.ProblemAsync(await _http.SendTextAsync("query", body + " "), HttpStatusCode.RequestEntityTooLarge, "payload_too_large");

        (problem["limit"]!.GetValue<int>(), problem["value"]!.GetValue<int>()).ShouldBe((most, most + 1));
    }

    [Fact]
    public async Task The_answers_of_a_batch_have_eight_MiB_at_most_and_beyond_that_nothing_is_done()
    {
        await _http.ExecuteAsync("CREATE TABLE large_answers (x)");
        var large = Enumerable.Repeat("SELECT hex(zeroblob(500000))", 9);

        var problem = await Answer.ProblemAsync(
            await _http.SendAsync("batch", Batch(["INSERT INTO large_answers VALUES (1)", .. large])), HttpStatusCode.UnprocessableEntity, "statement_failed");

        problem["statement"]!.GetValue<int>().ShouldBe(9);
        problem["limit"]!.GetValue<int>().ShouldBe(8 << 20);
        problem["value"]!.GetValue<int>().ShouldBeGreaterThan(8 << 20);
        (await _http.RowsAsync("SELECT count(*) FROM large_answers")).ShouldBe("[[0]]");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("soon")]
    public async Task A_deadline_that_is_none_is_refused(string deadline)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/databases/main/query")
        {
            Content = new StringContent(Statement("SELECT 1").ToJsonString(), Encoding.UTF8, "application/json"),
            Headers = { { "X-Helios-Deadline-Ms", deadline } },
        };

        Detail(await Answer.ProblemAsync(await _http.SendAsync(request), HttpStatusCode.BadRequest, "invalid_parameter")).ShouldContain("X-Helios-Deadline-Ms");
    }

    private static string Detail(JsonObject problem) => problem["detail"]!.GetValue<string>();
}
