using System.Net;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Procedures;

public sealed class SqlFunctionTests : IAsyncLifetime
{
    private TestSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync(regions: ["eu"], configure: options => options with { AllowedEngines = [EngineKind.Managed] });
        await RegisterAsync("work", "procedure", new JsonObject());
        await CallAsync("x CREATE TABLE orders (total INTEGER, customer TEXT)");
        await CallAsync("x INSERT INTO orders VALUES (10, 'a'), (20, 'b'), (30, 'a'), (-4, 'b')");
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Theory]
    [InlineData("wasmtime")]
    [InlineData("managed")]
    public async Task A_guest_is_a_function_in_statements_of_others(string engine)
    {
        await FunctionAsync("tax", "twice", new JsonObject { ["arguments"] = 1, ["deterministic"] = true }, engine);

        (await CallAsync("q SELECT tax(total) FROM orders ORDER BY total")).ShouldContain("[[-8],[20],[40],[60]]");
        (await CallAsync("x UPDATE orders SET total = tax(total) WHERE customer = 'a'", "q SELECT sum(total) FROM orders")).ShouldContain("[[96]]");
        (await CallAsync("x CREATE INDEX by_tax ON orders (tax(total))", "q SELECT customer FROM orders WHERE tax(total) = 40")).ShouldContain("""[["a"],["b"]]""");
    }

    [Theory]
    [InlineData("wasmtime")]
    [InlineData("managed")]
    public async Task A_guest_makes_one_value_of_many_rows_group_by_group(string engine)
    {
        await FunctionAsync("plus", "total", new JsonObject { ["kind"] = "aggregate", ["arguments"] = 1 }, engine);

        (await CallAsync("q SELECT customer, plus(total) FROM orders GROUP BY customer ORDER BY customer")).ShouldContain("""[["a",40],["b",16]]""");
        (await CallAsync("q SELECT plus(total) FROM orders WHERE 0")).ShouldContain("[[0]]");
        (await CallAsync("q SELECT a.customer, plus(a.total) FROM orders a, orders b GROUP BY a.total ORDER BY a.total")).ShouldContain("""[["b",-16],["a",40],["b",80],["a",120]]""");
    }

    [Theory]
    [InlineData("wasmtime")]
    [InlineData("managed")]
    public async Task One_instance_serves_the_rows_of_a_statement_and_no_other_statement(string engine)
    {
        await FunctionAsync("calls", "calls", new JsonObject(), engine);

        (await CallAsync("q SELECT max(calls(total)) FROM orders", "q SELECT max(calls(total)) FROM orders")).ShouldContain("[[4]]},{");
    }

    [Theory]
    [InlineData("wasmtime")]
    [InlineData("managed")]
    public async Task A_guest_that_keeps_memory_with_each_row_is_made_anew_before_it_has_none(string engine)
    {
        await FunctionAsync("leak", "leak", new JsonObject(), engine, new JsonObject { ["memoryMiB"] = 1 });

        var rows = JsonNode.Parse(await CallAsync("q WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 100) SELECT max(leak()), count(*) FROM s"))![0]!["rows"]![0]!;

        rows[0]!.GetValue<int>().ShouldBeInRange(2, 16);
        rows[1]!.GetValue<int>().ShouldBe(100);
    }

    [Theory]
    [InlineData("wasmtime")]
    [InlineData("managed")]
    public async Task A_guest_that_begins_with_most_of_its_memory_is_kept_as_well(string engine)
    {
        var body = new JsonObject { ["sql"] = new JsonObject(), ["engine"] = engine, ["profile"] = "minimal", ["limits"] = new JsonObject { ["memoryMiB"] = 1 } };
        await Answer.JsonAsync(await PutAsync("roomy", "roomy", "handle", body));

        (await CallAsync("q SELECT max(roomy()) FROM orders")).ShouldContain("[[4]]");
    }

    [Fact]
    public async Task Values_come_and_go_as_they_do_with_statements()
    {
        await FunctionAsync("gives", "gives", new JsonObject());

        (await CallAsync("q SELECT gives(9223372036854775807), gives(2.5), gives(NULL), typeof(gives(x'0102')), gives(x'0102') = x'0102', gives('true'), gives('[1]')"))
            .ShouldContain("""[[9223372036854775807,2.5,null,"blob",1,1,"[1]"]]""");
        (await CallAsync("q SELECT gives('text')", "e")).ShouldContain("is no JSON value");
        (await CallAsync("q SELECT gives(1e999)", "e")).ShouldContain("Argument 1 of gives is no finite number");
    }

    [Theory]
    [InlineData("trap", "-5", "trap")]
    [InlineData("endless", "-10", "timeout")]
    public async Task A_guest_that_fails_ends_the_statement_and_says_how(string entry, string result, string code)
    {
        await FunctionAsync("fails", entry, new JsonObject(), limits: new JsonObject { ["timeoutMs"] = 200 });
        if (code == "timeout")
        {
            // The guest that called is told of its own deadline, which this is not; nothing of its transaction stays all the same.
            await Answer.ProblemAsync(await PostAsync("x UPDATE orders SET total = fails(total)"), HttpStatusCode.GatewayTimeout, "timeout");
        }
        else
        {
            var answer = await CallAsync("x UPDATE orders SET total = fails(total)", "e");
            answer.ShouldStartWith($"[{result},");
            answer.ShouldContain($"\"code\":\"{code}\"");
        }

        (await CallAsync("q SELECT sum(total) FROM orders")).ShouldContain("[[56]]");
    }

    [Fact]
    public async Task A_function_is_there_once_it_is_registered_and_gone_once_it_is_not()
    {
        await FunctionAsync("tax", "twice", new JsonObject { ["arguments"] = 1 });
        (await CallAsync("q SELECT tax(21)")).ShouldContain("[[42]]");
        (await CallAsync("q SELECT tax(21, 22)", "e")).ShouldContain("tax takes 1 arguments, not 2");
        await FunctionAsync("tax", "total", new JsonObject { ["kind"] = "aggregate" });
        (await CallAsync("q SELECT tax(total) FROM orders")).ShouldContain("[[56]]");

        (await _silo.Http.DeleteAsync("/v1/procedures/tax")).EnsureSuccessStatusCode();

        (await CallAsync("q SELECT tax(21)", "e")).ShouldContain("tax");
        (await CallAsync("q SELECT tax(21)")).ShouldStartWith("[-5");
    }

    [Theory]
    [InlineData("""{"sql": {"kind": "window"}}""", HttpStatusCode.BadRequest, "invalid_parameter", "sql.kind is scalar or aggregate")]
    [InlineData("""{"sql": {"arguments": 65}}""", HttpStatusCode.BadRequest, "invalid_parameter", "sql.arguments must be from 0 to 64")]
    [InlineData("""{"sql": {"deterministic": true}, "profile": "compute"}""", HttpStatusCode.BadRequest, "invalid_parameter", "does not go together with clock or random")]
    [InlineData("""{"sql": {}, "profile": "database_only"}""", HttpStatusCode.UnprocessableEntity, "capability_denied", "not db.execute, db.query, proc.call")]
    public async Task What_is_wrong_with_a_function_of_SQL_is_said(string members, HttpStatusCode status, string code, string expected)
    {
        var problem = await Answer.ProblemAsync(await PutAsync("wrong", "arithmetic", "twice", JsonNode.Parse(members)!.AsObject()), status, code);

        problem["detail"]!.GetValue<string>().ShouldContain(expected);
        (await Answer.ProblemAsync(await PutAsync("upper", "arithmetic", "twice", new JsonObject { ["sql"] = new JsonObject() }), HttpStatusCode.BadRequest, "invalid_parameter"))
            ["detail"]!.GetValue<string>().ShouldContain("function of SQLite already");
    }

    private async Task FunctionAsync(string name, string entry, JsonObject sql, string engine = "wasmtime", JsonObject? limits = null)
    {
        var body = new JsonObject { ["sql"] = sql, ["engine"] = engine, ["profile"] = "minimal" };
        if (limits is not null)
        {
            body["limits"] = limits;
        }

        await Answer.JsonAsync(await PutAsync(name, "arithmetic", entry, body));
    }

    private async Task RegisterAsync(string name, string guest, JsonObject body) => await Answer.JsonAsync(await PutAsync(name, guest, "handle", body));

    private async Task<HttpResponseMessage> PutAsync(string name, string guest, string entry, JsonObject body)
    {
        body["module"] = await _silo.UploadAsync(guest);
        body["entry"] = entry;
        return await _silo.PutProcedureAsync(name, body);
    }

    private Task<HttpResponseMessage> PostAsync(params string[] steps) => _silo.PostStepsAsync("work", steps);

    private Task<string> CallAsync(params string[] steps) => _silo.CallStepsAsync("work", steps);
}
