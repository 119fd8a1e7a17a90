using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HeliosEdge.Data.Databases;
using HeliosEdge.Silo.Tests.Databases;
using HeliosEdge.Silo.Tests.Running;
using Npgsql;

namespace HeliosEdge.Silo.Tests.Triggers;

/// <summary>Guests that judge changes of rows in PostgreSQL.</summary>
public sealed class PostgresTriggerTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private string _address = "";
    private TestSilo _silo = null!;
    private string _judge = "";

    public async Task InitializeAsync()
    {
        if (PostgresServer.WhySkipped is not null)
        {
            return;
        }

        _address = await PostgresServer.NewOwnedDatabaseAsync();
        await StartAsync();
        await ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY, total int, placed text)");
        _judge = await _silo.UploadAsync("judge");
    }

    public async Task DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }

        _folder.Dispose();
    }

    [PostgresFact]
    public async Task A_veto_fails_the_statement_and_nothing_of_its_transaction_stays()
    {
        await TriggerAsync("validate", "handle", "before_insert", "before_update");
        await ExecuteAsync("INSERT INTO orders VALUES (1, 10, 'today')");

        (await RefusedAsync("INSERT INTO orders VALUES (2, 20, 'today'), (3, -1, 'today')", "trigger_rejected"))["detail"]!.GetValue<string>()
            .ShouldBe("""The trigger "validate" rejected the row {"id":3}: the total is negative""");
        await RefusedAsync("UPDATE orders SET total = -5", "trigger_rejected");

        var batch = SqlOverHttp.Batch("INSERT INTO orders VALUES (4, 10, 'today')", "INSERT INTO orders VALUES (5, -1, 'today')");
        await Answer.ProblemAsync(await SendAsync("batch", batch), HttpStatusCode.UnprocessableEntity, "trigger_rejected");
        (await RowsAsync("SELECT id, total FROM orders")).ShouldBe("[[1,10]]");
    }

    [PostgresFact]
    public async Task A_procedure_leaves_nothing_either()
    {
        await TriggerAsync("validate", "handle", "before_insert");
        var module = await _silo.UploadAsync("procedure");
        await Answer.JsonAsync(await _silo.Http.PutAsync("/v1/procedures/work", Json(new JsonObject { ["module"] = module, ["database"] = "orders" }.ToJsonString())));

        var steps = JsonSerializer.Serialize(new[] { "x INSERT INTO orders VALUES (1, 10, NULL)", "x INSERT INTO orders VALUES (2, -1, NULL)" });
        await Answer.ProblemAsync(await _silo.Http.PostAsync("/v1/procedures/work/call", Json(steps)), HttpStatusCode.UnprocessableEntity, "trigger_rejected");
        (await RowsAsync("SELECT count(*)::int FROM orders")).ShouldBe("[[0]]");

        steps = JsonSerializer.Serialize(new[] { "x INSERT INTO orders VALUES (1, 10, NULL)" });
        (await _silo.Http.PostAsync("/v1/procedures/work/call", Json(steps))).EnsureSuccessStatusCode();
        (await RowsAsync("SELECT id, placed FROM orders")).ShouldBe("""[[1,"2026-01-01"]]""");
    }

    [PostgresFact]
    public async Task A_guest_changes_the_row_and_that_is_not_judged_again()
    {
        await TriggerAsync("doubles", "twice", "before_insert", "before_update");

        await ExecuteAsync("INSERT INTO orders (id, total) VALUES (1, 1), (2, 2), (3, 3)");
        await ExecuteAsync("UPDATE orders SET total = 10 WHERE id = 2");
        await ExecuteAsync("INSERT INTO orders (id, total) VALUES (2, 7) ON CONFLICT (id) DO UPDATE SET total = excluded.total");

        (await RowsAsync("SELECT total FROM orders ORDER BY id")).ShouldBe("[[2],[14],[6]]");
        var state = (await ListAsync())[0]!;
        (state["fired"]!.GetValue<int>(), state["rejected"]!.GetValue<int>(), state["database"]!.GetValue<string>()).ShouldBe((3 + 1 + 1, 0, "orders"));
    }

    [PostgresFact]
    public async Task A_guest_gets_the_row_before_and_after_and_is_asked_where_the_condition_holds()
    {
        await ExecuteAsync("INSERT INTO orders VALUES (1, 10, 'today')");
        await TriggerAsync("watch", "echo", new JsonObject { ["events"] = new JsonArray("after_update"), ["when"] = "NEW.total > 10", ["columns"] = new JsonArray("id", "total") });

        await ExecuteAsync("UPDATE orders SET total = 9");
        var detail = (await RefusedAsync("UPDATE orders SET total = 11", "trigger_rejected"))["detail"]!.GetValue<string>();
        var seen = JsonNode.Parse(detail[(detail.IndexOf(": {", StringComparison.Ordinal) + 2)..])!;

        (seen["trigger"]!.GetValue<string>(), seen["event"]!.GetValue<string>(), seen["table"]!.GetValue<string>()).ShouldBe(("watch", "after_update", "orders"));
        (seen["old"]!.ToJsonString(), seen["new"]!.ToJsonString()).ShouldBe(("""{"id":1,"total":9}""", """{"id":1,"total":11}"""));
        DateTimeOffset.Parse(seen["at"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);
    }

    [PostgresTheory]
    [InlineData("trap", "The guest trapped")]
    [InlineData("nonsense", "answered no object with a member \"allow\"")]
    [InlineData("foreign", "answered a column \"nothing\", which it may not change; it may change total, placed")]
    public async Task A_trigger_that_cannot_judge_refuses(string entry, string why)
    {
        await TriggerAsync("fails", entry, "before_insert");

        (await RefusedAsync("INSERT INTO orders VALUES (1, 10, 'today')", "trigger_failed"))["detail"]!.GetValue<string>().ShouldContain(why);

        var state = (await ListAsync())[0]!;
        (state["fired"]!.GetValue<int>(), state["failed"]!.GetValue<int>()).ShouldBe((1, 1));
        state["lastError"]!.GetValue<string>().ShouldContain(why);
        (await RowsAsync("SELECT count(*)::int FROM orders")).ShouldBe("[[0]]");
    }

    [PostgresFact]
    public async Task A_trigger_whose_function_is_gone_refuses_until_it_is_disabled_or_removed()
    {
        await TriggerAsync("validate", "allow", "before_insert");
        (await _silo.Http.DeleteAsync("/v1/functions/judge-allow")).EnsureSuccessStatusCode();
        (await RefusedAsync("INSERT INTO orders VALUES (1, 10, 'today')", "trigger_failed"))["detail"]!.GetValue<string>().ShouldContain("judge-allow");

        (await _silo.Http.PostAsync("/v1/triggers/validate/disable?database=orders", null)).EnsureSuccessStatusCode();
        await ExecuteAsync("INSERT INTO orders VALUES (1, 10, 'today')");
        (await ListAsync())[0]!["enabled"]!.GetValue<bool>().ShouldBeFalse();

        (await _silo.Http.PostAsync("/v1/triggers/validate/enable?database=orders", null)).EnsureSuccessStatusCode();
        await RefusedAsync("INSERT INTO orders VALUES (2, 10, 'today')", "trigger_failed");
        (await _silo.Http.DeleteAsync("/v1/triggers/validate?database=orders")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await ExecuteAsync("INSERT INTO orders VALUES (2, 10, 'today')");
        await Answer.ProblemAsync(await _silo.Http.DeleteAsync("/v1/triggers/validate?database=orders"), HttpStatusCode.NotFound, "trigger_not_found");
    }

    [PostgresFact]
    public async Task Many_rows_are_judged_and_changed()
    {
        await TriggerAsync("doubles", "twice", "before_insert");
        await TriggerAsync("watch", "handle", "after_insert");

        await ExecuteAsync("INSERT INTO orders SELECT i, i, '' FROM generate_series(1, 10000) i");

        (await RowsAsync("SELECT count(*)::int FROM orders WHERE total = 2 * id")).ShouldBe("[[10000]]");
        (await ListAsync()).Select(state => state!["fired"]!.GetValue<int>()).ShouldBe([10_000, 10_000]);
    }

    [PostgresFact]
    public async Task A_trigger_lives_on_in_the_database_and_holds_for_nobody_but_through_the_silo()
    {
        await TriggerAsync("validate", "handle", "before_insert");
        await using (var direct = NpgsqlDataSource.Create(DatabaseSettingText.Parse($"orders={_address}", ["eu"])[0].Connection))
        {
            await using var insert = direct.CreateCommand("INSERT INTO orders VALUES (1, 1, '')");
            (await Should.ThrowAsync<PostgresException>(insert.ExecuteNonQueryAsync())).MessageText.ShouldContain("can be changed only through it");
        }

        await _silo.DisposeAsync();
        await StartAsync();

        await RefusedAsync("INSERT INTO orders VALUES (1, -1, '')", "trigger_rejected");
        await RefusedAsync("ALTER TABLE orders DISABLE TRIGGER ALL", "statement_failed");
        await RefusedAsync("WITH x AS (SELECT set_config('client_min_messages', 'error', false) s) INSERT INTO orders SELECT 1, -1, s FROM x", "trigger_rejected");
        (await ListAsync()).Count.ShouldBe(1);
    }

    [PostgresTheory]
    [InlineData("""{"table": "missing"}""", 400, "invalid_parameter", "There is no table \"missing\"")]
    [InlineData("""{"table": "totals"}""", 400, "invalid_parameter", "\"totals\" is a view; triggers are for tables")]
    [InlineData("""{"columns": ["sum"]}""", 400, "invalid_parameter", "has no column \"sum\"; it has id, total, placed")]
    [InlineData("""{"when": "OLD.total > 1"}""", 400, "invalid_parameter", "when is no expression over new")]
    [InlineData("""{"table": "foreign_one"}""", 422, "statement_failed", "GRANT TRIGGER ON")]
    [InlineData("""{"database": "stock"}""", 404, "database_not_found", "it has main, orders")]
    public async Task What_is_wrong_with_a_trigger_is_said(string members, int status, string code, string expected)
    {
        await ExecuteAsync("CREATE VIEW totals AS SELECT total FROM orders");
        await using (var operators = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(DatabaseSettingText.Parse($"orders={_address}", ["eu"])[0].Connection.ConnectionString) { Username = "helios", Pooling = false }.ConnectionString))
        {
            await using var create = operators.CreateCommand("CREATE TABLE public.foreign_one (id int, total int, placed text)");
            await create.ExecuteNonQueryAsync();
        }

        await Answer.JsonAsync(await _silo.RegisterAsync("fine", new JsonObject { ["module"] = _judge }.ToJsonString()));
        var body = new JsonObject { ["database"] = "orders", ["table"] = "orders", ["events"] = new JsonArray("before_insert"), ["function"] = "fine" };
        foreach (var (name, value) in JsonNode.Parse(members)!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        var problem = await Answer.ProblemAsync(await _silo.Http.PutAsync("/v1/triggers/wrong", Json(body.ToJsonString())), (HttpStatusCode)status, code);
        problem["detail"]!.GetValue<string>().ShouldContain(expected);
        (await ListAsync()).Count.ShouldBe(0);
    }

    private async Task StartAsync()
    {
        var databases = DatabaseSettingText.Parse($"orders={_address}", ["eu"]);
        _silo = await TestSilo.StartAsync(_folder.Path, regions: ["eu"], configure: options => options with { Databases = databases });
    }

    private Task TriggerAsync(string name, string entry, params string[] events) => TriggerAsync(name, entry, new JsonObject { ["events"] = JsonSerializer.SerializeToNode(events) });

    private async Task TriggerAsync(string name, string entry, JsonObject body)
    {
        await Answer.JsonAsync(await _silo.RegisterAsync($"judge-{entry}", new JsonObject { ["module"] = _judge, ["entry"] = entry }.ToJsonString()));
        body["database"] = "orders";
        body["table"] = "orders";
        body["function"] = $"judge-{entry}";
        await Answer.JsonAsync(await _silo.Http.PutAsync($"/v1/triggers/{name}", Json(body.ToJsonString())));
    }

    private async Task<JsonArray> ListAsync() => (await Answer.JsonAsync(await _silo.Http.GetAsync("/v1/triggers?database=orders")))["triggers"]!.AsArray();

    private Task<HttpResponseMessage> SendAsync(string verb, JsonNode body) => _silo.Http.SendAsync(verb, body, database: "orders");

    private async Task ExecuteAsync(string sql) => await Answer.JsonAsync(await SendAsync("execute", SqlOverHttp.Statement(sql)));

    private async Task<JsonObject> RefusedAsync(string sql, string code) =>
        await Answer.ProblemAsync(await SendAsync("execute", SqlOverHttp.Statement(sql)), HttpStatusCode.UnprocessableEntity, code);

    private async Task<string> RowsAsync(string sql) => (await Answer.JsonAsync(await SendAsync("query", SqlOverHttp.Statement(sql))))["rows"]!.ToJsonString();

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
