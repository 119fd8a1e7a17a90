using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.Extensions.DependencyInjection;

namespace HeliosEdge.Silo.Tests.Procedures;

public sealed class ProcedureTests : IAsyncLifetime
{
    private TestSilo _silo = null!;
    private string _module = "";

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync(regions: ["eu"]);
        _module = await _silo.UploadAsync("procedure");
        await Answer.JsonAsync(await RegisterAsync("work", new JsonObject()));
        await CallAsync("work", "x CREATE TABLE t (a INTEGER PRIMARY KEY, b)");
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task One_call_is_one_transaction_that_lasts_when_the_guest_succeeds()
    {
        (await CallAsync("work", "x INSERT INTO t (b) VALUES ('one')", "x INSERT INTO t (b) VALUES ('two') RETURNING a, b", "q SELECT count(*) FROM t"))
            .ShouldBe("""[{"rowsAffected":1,"lastInsertId":1},{"columns":["a","b"],"rows":[[2,"two"]],"rowsAffected":1,"lastInsertId":2},{"columns":["count(*)"],"rows":[[2]]}]""");

        (await CountAsync()).ShouldBe(2);
    }

    [Theory]
    [InlineData("t", HttpStatusCode.BadGateway, "trap")]
    [InlineData("f the stock is too low", HttpStatusCode.UnprocessableEntity, "procedure_failed")]
    [InlineData("s", HttpStatusCode.GatewayTimeout, "timeout")]
    [InlineData("n", HttpStatusCode.BadGateway, "corrupted_response")]
    public async Task Nothing_stays_of_a_call_that_ends_in_another_way(string step, HttpStatusCode status, string code)
    {
        await Answer.JsonAsync(await RegisterAsync("ends", new JsonObject { ["limits"] = new JsonObject { ["timeoutMs"] = 2_000 } }));

        var problem = await Answer.ProblemAsync(await PostAsync("ends", "x INSERT INTO t (b) VALUES (1)", "x CREATE TABLE u (a)", step), status, code);

        if (code == "procedure_failed")
        {
            problem["detail"]!.GetValue<string>().ShouldBe("the stock is too low");
        }

        (await CountAsync()).ShouldBe(0);
        (await CallAsync("work", "q SELECT count(*) FROM sqlite_schema WHERE name = 'u'")).ShouldContain("[[0]]");
    }

    [Fact]
    public async Task Nothing_stays_of_a_call_whose_caller_leaves()
    {
        await Answer.JsonAsync(await RegisterAsync("endless", new JsonObject { ["limits"] = new JsonObject { ["timeoutMs"] = 60_000 } }));
        using var leaving = new CancellationTokenSource();
        var call = PostAsync("endless", leaving.Token, "x INSERT INTO t (b) VALUES (1)", "s");
        var threads = _silo.Services.GetRequiredService<GuestThreads>();
        await Eventually.HoldsAsync("the guest runs", () => threads.Busy == 1);

        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
        (await CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_statement_that_fails_is_undone_alone_and_says_why()
    {
        var answer = JsonNode.Parse(await CallAsync(
            "work", "x INSERT INTO t (a) VALUES (1)", "x INSERT INTO t (a) VALUES (1)", "e", "q SELECT missing FROM t", "e", "q SELECT count(*) FROM t", "e"))!.AsArray();

        answer[1]!.GetValue<int>().ShouldBe(-5);
        answer[2]!["code"]!.GetValue<string>().ShouldBe("failed");
        answer[2]!["sqlstate"]!.GetValue<string>().ShouldBe("23505");
        answer[2]!["message"]!.GetValue<string>().ShouldContain("UNIQUE constraint failed: t.a");
        answer[4]!["sqlstate"]!.GetValue<string>().ShouldBe("42703");
        answer[4]!["position"]!.GetValue<int>().ShouldBe("SELECT ".Length + 1);
        answer[5]!.ToJsonString().ShouldContain("[[1]]");
        answer[6].ShouldBeNull();
        (await CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_procedure_that_is_called_is_a_part_of_the_transaction_and_undone_alone_where_it_fails()
    {
        var answer = JsonNode.Parse(await CallAsync(
            "work",
            "x INSERT INTO t (b) VALUES ('outer')",
            """c work ["x INSERT INTO t (b) VALUES ('inner')"]""",
            """c work ["x INSERT INTO t (b) VALUES ('undone')", "f no"]""",
            "e",
            "q SELECT b FROM t ORDER BY a"))!.AsArray();

        answer[2]!.GetValue<int>().ShouldBe(-5);
        answer[3]!["code"]!.GetValue<string>().ShouldBe("procedure_failed");
        answer[4]!["rows"]!.ToJsonString().ShouldBe("""[["outer"],["inner"]]""");

        await Answer.ProblemAsync(
            await PostAsync("work", """c work ["x INSERT INTO t (b) VALUES ('gone')"]""", "t"), HttpStatusCode.BadGateway, "trap");
        (await CountAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task Procedures_call_each_other_only_so_deep()
    {
        var calls = "q SELECT 1";
        for (var i = 0; i < 8; i++)
        {
            calls = $"c work {JsonSerializer.Serialize(new[] { calls })}";
        }

        (await CallAsync("work", calls)).ShouldContain("-5");
        (await CallAsync("work", """c nobody []""", "e")).ShouldContain("procedure_not_found");
    }

    [Fact]
    public async Task A_procedure_that_only_reads_changes_nothing()
    {
        await Answer.JsonAsync(await RegisterAsync("reads", new JsonObject { ["mode"] = "read_only" }));

        (await CallAsync("reads", "x INSERT INTO t (b) VALUES (1)", "e", "q SELECT count(*) FROM t")).ShouldContain("25006");
        (await CallAsync("reads", """c work ["q SELECT 1"]""", "e")).ShouldContain("read_only");
        (await CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Writers_wait_for_each_other_and_none_is_lost()
    {
        await CallAsync("work", "x INSERT INTO t (a, b) VALUES (1, 0)");

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => CallAsync("work", "q SELECT b FROM t WHERE a = 1", "x UPDATE t SET b = b + 1 WHERE a = 1")));

        (await CallAsync("work", "q SELECT b FROM t WHERE a = 1")).ShouldContain("[[20]]");
    }

    [Fact]
    public async Task It_is_registered_listed_rolled_back_and_deleted()
    {
        (await Answer.JsonAsync(await RegisterAsync("work", new JsonObject { ["isolation"] = "serializable", ["retries"] = 7 }))) ["retries"]!.GetValue<int>().ShouldBe(7);
        var described = await Answer.JsonAsync(await _silo.Http.GetAsync("/v1/procedures/work"));
        described["isolation"]!.GetValue<string>().ShouldBe("serializable");
        described["function"]!["version"]!.GetValue<int>().ShouldBe(2);
        (await Answer.JsonAsync(await _silo.Http.GetAsync("/v1/procedures")))["procedures"]!.AsArray().Count.ShouldBe(1);
        (await Answer.JsonAsync(await _silo.Http.GetAsync("/v1/procedures/work/versions")))["versions"]!.AsArray().Count.ShouldBe(2);

        (await _silo.Http.PostAsync("/v1/procedures/work/rollback", null)).EnsureSuccessStatusCode();
        (await Answer.JsonAsync(await _silo.Http.GetAsync("/v1/procedures/work")))["retries"]!.GetValue<int>().ShouldBe(5);

        (await _silo.Http.DeleteAsync("/v1/procedures/work")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Answer.ProblemAsync(await PostAsync("work", "q SELECT 1"), HttpStatusCode.NotFound, "procedure_not_found");
        await Answer.ProblemAsync(await _silo.Http.GetAsync("/v1/procedures/work"), HttpStatusCode.NotFound, "procedure_not_found");
    }

    [Fact]
    public async Task Effects_that_last_are_not_had_twice_and_registering_says_so()
    {
        var registered = await Answer.JsonAsync(await RegisterAsync("sends", new JsonObject { ["capabilities"] = new JsonArray("http.outbound") }));

        registered["retries"]!.GetValue<int>().ShouldBe(0);
        registered["warnings"]![0]!.GetValue<string>().ShouldContain("http.outbound");
        await Answer.ProblemAsync(
            await RegisterAsync("keeps", new JsonObject { ["capabilities"] = new JsonArray("kv.write"), ["retries"] = 1 }), HttpStatusCode.BadRequest, "invalid_parameter");
    }

    [Theory]
    [InlineData("""{"mode": "sometimes"}""", "mode is read_only or read_write")]
    [InlineData("""{"isolation": "none"}""", "isolation is one of default, read_committed, repeatable_read, serializable")]
    [InlineData("""{"database": "orders"}""", "eu has no database \"orders\"; it has main")]
    [InlineData("""{"retries": 101}""", "retries must be from 0 to 100, not 101")]
    [InlineData("""{"function": "work"}""", "Either module or function")]
    [InlineData("""{"capabilities": ["db.query:orders"], "database": "main", "surprise": 1}""", "surprise")]
    public async Task What_is_wrong_with_a_registration_is_said(string members, string expected)
    {
        var problem = await Answer.ProblemAsync(
            await RegisterAsync("wrong", JsonNode.Parse(members)!.AsObject()), HttpStatusCode.BadRequest, "invalid_parameter");

        problem["detail"]!.GetValue<string>().ShouldContain(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1")]
    [InlineData("[] []")]
    public async Task Arguments_that_are_no_array_are_refused(string arguments) => await Answer.ProblemAsync(
        await _silo.Http.PostAsync("/v1/procedures/work/call", new StringContent(arguments, Encoding.UTF8, "application/json")), HttpStatusCode.BadRequest, "invalid_parameter");

    [Fact]
    public async Task A_function_gives_a_procedure_its_module_and_has_its_own_name()
    {
        await Answer.JsonAsync(await _silo.RegisterAsync("plain", new JsonObject { ["module"] = _module, ["profile"] = "database_only" }.ToJsonString()));

        var body = new JsonObject { ["function"] = "plain" };
        await Answer.JsonAsync(await _silo.Http.PutAsync("/v1/procedures/borrows", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json")));
        (await CallAsync("borrows", "q SELECT 1")).ShouldContain("[[1]]");

        await Answer.ProblemAsync(await RegisterAsync("plain", new JsonObject()), HttpStatusCode.BadRequest, "invalid_parameter");
        await Answer.ProblemAsync(await _silo.Http.GetAsync("/fn/borrows"), HttpStatusCode.BadRequest, "invalid_parameter");
    }

    private Task<HttpResponseMessage> RegisterAsync(string name, JsonObject body)
    {
        body["module"] = _module;
        return _silo.PutProcedureAsync(name, body);
    }

    private Task<HttpResponseMessage> PostAsync(string name, params string[] steps) => _silo.PostStepsAsync(name, steps);

    private Task<HttpResponseMessage> PostAsync(string name, CancellationToken cancellationToken, params string[] steps) => _silo.PostStepsAsync(name, steps, cancellationToken);

    private Task<string> CallAsync(string name, params string[] steps) => _silo.CallStepsAsync(name, steps);

    private async Task<int> CountAsync() => JsonNode.Parse(await CallAsync("work", "q SELECT count(*) FROM t"))![0]!["rows"]![0]![0]!.GetValue<int>();
}
