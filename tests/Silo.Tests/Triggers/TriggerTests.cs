using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.Data.Sqlite;

namespace HeliosEdge.Silo.Tests.Triggers;

public sealed class TriggerTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private TestSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync(_folder.Path, regions: ["eu"]);
        await ExecuteAsync("CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER, placed TEXT)");
    }

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_veto_fails_the_statement_and_names_trigger_reason_and_row()
    {
        await TriggerAsync("validate", "handle", "before_insert", "before_update");
        await ExecuteAsync("INSERT INTO orders VALUES (1, 10, 'today')");

        var problem = await RefusedAsync("INSERT INTO orders VALUES (2, 20, 'today'), (3, -1, 'today')", "trigger_rejected");
        problem["detail"]!.GetValue<string>().ShouldBe("""The trigger "validate" rejected the row {"id":3}: the total is negative""");
        await RefusedAsync("UPDATE orders SET total = -5", "trigger_rejected");

        (await RowsAsync("SELECT id, total FROM orders")).ShouldBe("[[1,10]]");
    }

    [Fact]
    public async Task Nothing_stays_of_the_transaction_either()
    {
        await TriggerAsync("validate", "handle", "before_insert");

        var batch = JsonSerializer.Serialize(new[] { new { sql = "INSERT INTO orders VALUES (1, 10, 'today')" }, new { sql = "INSERT INTO orders VALUES (2, -1, 'today')" } });
        await Answer.ProblemAsync(await PostAsync("/v1/databases/main/batch", batch), HttpStatusCode.UnprocessableEntity, "trigger_rejected");
        (await RowsAsync("SELECT count(*) FROM orders")).ShouldBe("[[0]]");

        // A guest cannot go on as if nothing had happened.
        await PutProcedureAsync();
        var steps = JsonSerializer.Serialize(new[] { "x INSERT INTO orders VALUES (1, 10, 'today')", "x INSERT INTO orders VALUES (2, -1, 'today')", "e" });
        await Answer.ProblemAsync(await PostAsync("/v1/procedures/work/call", steps), HttpStatusCode.UnprocessableEntity, "trigger_rejected");
        (await RowsAsync("SELECT count(*) FROM orders")).ShouldBe("[[0]]");
    }

    [Fact]
    public async Task A_guest_changes_the_row_before_it_is_written()
    {
        await TriggerAsync("validate", "handle", "before_insert", "before_update");

        await ExecuteAsync("INSERT INTO orders (id, total) VALUES (1, 1), (2, 2)");
        await ExecuteAsync("INSERT INTO orders VALUES (3, 3, 'today')");
        (await RowsAsync("SELECT id, placed FROM orders ORDER BY id")).ShouldBe("""[[1,"2026-01-01"],[2,"2026-01-01"],[3,"today"]]""");

        await ExecuteAsync("UPDATE orders SET placed = NULL, total = total + 1 WHERE id > 1");
        (await RowsAsync("SELECT id, total, placed FROM orders ORDER BY id")).ShouldBe("""[[1,1,"2026-01-01"],[2,3,"2026-01-01"],[3,4,"2026-01-01"]]""");
    }

    [Fact]
    public async Task What_a_guest_has_made_of_a_row_is_not_judged_again()
    {
        await TriggerAsync("doubles", "twice", "before_insert", "before_update");

        await ExecuteAsync("INSERT INTO orders (total) VALUES (1), (2), (3)");
        (await RowsAsync("SELECT total FROM orders ORDER BY id")).ShouldBe("[[2],[4],[6]]");
        await ExecuteAsync("UPDATE orders SET total = 10 WHERE id = 2");
        (await RowsAsync("SELECT total FROM orders ORDER BY id")).ShouldBe("[[2],[20],[6]]");
        await ExecuteAsync("INSERT INTO orders (id, total) VALUES (2, 7) ON CONFLICT (id) DO UPDATE SET total = excluded.total");
        await ExecuteAsync("INSERT INTO orders (total) VALUES (50)");
        (await RowsAsync("SELECT total FROM orders ORDER BY id")).ShouldBe("[[2],[14],[6],[100]]");

        var state = (await ListAsync())[0]!;
        state["fired"]!.GetValue<int>().ShouldBe(3 + 1 + 2 + 1);
        state["rejected"]!.GetValue<int>().ShouldBe(0);
    }

    [Fact]
    public async Task A_guest_gets_the_row_before_and_after_and_what_happens_to_it()
    {
        await ExecuteAsync("INSERT INTO orders VALUES (1, 10, 'today')");
        await TriggerAsync("watch", "echo", "after_update");
        var seen = Seen(await RefusedAsync("UPDATE orders SET total = 11", "trigger_rejected"));
        seen["trigger"]!.GetValue<string>().ShouldBe("watch");
        seen["event"]!.GetValue<string>().ShouldBe("after_update");
        seen["table"]!.GetValue<string>().ShouldBe("orders");
        seen["old"]!.ToJsonString().ShouldBe("""{"id":1,"total":10,"placed":"today"}""");
        seen["new"]!.ToJsonString().ShouldBe("""{"id":1,"total":11,"placed":"today"}""");
        DateTimeOffset.Parse(seen["at"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);

        await TriggerAsync("watch", "echo", new JsonObject { ["events"] = new JsonArray("before_delete"), ["columns"] = new JsonArray("total") });
        seen = Seen(await RefusedAsync("DELETE FROM orders", "trigger_rejected"));
        seen["old"]!.ToJsonString().ShouldBe("""{"total":10}""");
        seen["new"].ShouldBeNull();
        seen = Seen(await RefusedAsync("REPLACE INTO orders VALUES (1, 12, 'later')", "trigger_rejected"));
        seen["event"]!.GetValue<string>().ShouldBe("before_delete");
    }

    [Fact]
    public async Task A_guest_is_asked_only_about_rows_that_fulfil_the_condition()
    {
        await TriggerAsync("large", "deny", new JsonObject { ["events"] = new JsonArray("before_insert"), ["when"] = "NEW.total > 100" });

        await ExecuteAsync("INSERT INTO orders VALUES (1, 100, 'today')");
        await RefusedAsync("INSERT INTO orders VALUES (2, 101, 'today')", "trigger_rejected");
    }

    [Theory]
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
        (await RowsAsync("SELECT count(*) FROM orders")).ShouldBe("[[0]]");
    }

    [Fact]
    public async Task A_trigger_whose_function_is_gone_refuses_until_it_is_back_or_disabled()
    {
        await TriggerAsync("validate", "allow", "before_insert");
        (await _silo.Http.DeleteAsync("/v1/functions/judge-allow")).EnsureSuccessStatusCode();
        (await RefusedAsync("INSERT INTO orders VALUES (1, 10, 'today')", "trigger_failed"))["detail"]!.GetValue<string>().ShouldContain("judge-allow");

        (await _silo.Http.PostAsync("/v1/triggers/validate/disable", null)).EnsureSuccessStatusCode();
        await ExecuteAsync("INSERT INTO orders VALUES (1, 10, 'today')");
        (await ListAsync())[0]!["enabled"]!.GetValue<bool>().ShouldBeFalse();

        (await _silo.Http.PostAsync("/v1/triggers/validate/enable", null)).EnsureSuccessStatusCode();
        await RefusedAsync("INSERT INTO orders VALUES (2, 10, 'today')", "trigger_failed");
        (await _silo.Http.DeleteAsync("/v1/triggers/validate")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await ExecuteAsync("INSERT INTO orders VALUES (2, 10, 'today')");
        await Answer.ProblemAsync(await _silo.Http.DeleteAsync("/v1/triggers/validate"), HttpStatusCode.NotFound, "trigger_not_found");
    }

    [Fact]
    public async Task Triggers_that_cause_each_other_come_to_an_end()
    {
        await TriggerAsync("validate", "allow", "before_insert");
        await ExecuteAsync("CREATE TRIGGER again AFTER INSERT ON orders BEGIN INSERT INTO orders (total) VALUES (new.total); END");

        (await RefusedAsync("INSERT INTO orders VALUES (1, 1, '')", "trigger_depth_exceeded"))["detail"]!.GetValue<string>().ShouldContain("32 levels");
        (await RowsAsync("SELECT count(*) FROM orders")).ShouldBe("[[0]]");
    }

    [Theory]
    [InlineData("DROP TABLE orders")]
    [InlineData("ALTER TABLE orders ADD COLUMN more")]
    [InlineData("ALTER TABLE orders RENAME TO others")]
    [InlineData("DROP TRIGGER \"helios:validate:before_insert\"")]
    [InlineData("DELETE FROM helios_triggers")]
    [InlineData("UPDATE helios_triggers SET enabled = 0")]
    [InlineData("DROP TABLE helios_triggers")]
    [InlineData("ALTER TABLE helios_triggers RENAME TO h")]
    [InlineData("CREATE TRIGGER \"helios:mine:x\" BEFORE INSERT ON orders BEGIN SELECT 1; END")]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON helios_triggers BEGIN SELECT 1; END")]
    [InlineData("SELECT helios_fire('validate', 'before_insert', 'orders', 'judge-allow', '[[],[]]', '[]')")]
    [InlineData("SELECT helios_pending('validate')")]
    public async Task Statements_of_others_do_not_get_past_it(string sql)
    {
        await TriggerAsync("validate", "handle", "before_insert");

        await RefusedAsync(sql, "statement_failed");

        await RefusedAsync("INSERT INTO orders VALUES (1, -1, '')", "trigger_rejected");
    }

    [Fact]
    public async Task A_trigger_of_somebody_elses_cannot_speak_for_it()
    {
        await TriggerAsync("validate", "handle", "before_insert");
        await ExecuteAsync("CREATE TABLE other (a)");
        await ExecuteAsync("CREATE TRIGGER fakes AFTER INSERT ON other BEGIN SELECT helios_pending('validate'); END");

        (await RefusedAsync("INSERT INTO other VALUES (1)", "statement_failed"))["detail"]!.GetValue<string>().ShouldContain("helios_pending is for triggers of the silo");
    }

    [Fact]
    public async Task A_program_that_opens_the_file_by_itself_fails_instead_of_slipping_past()
    {
        await TriggerAsync("validate", "handle", "before_insert");
        await using var connection = new SqliteConnection($"Data Source={Directory.GetFiles(_folder.Path, "eu.db", SearchOption.AllDirectories).Single()};Pooling=False");
        await connection.OpenAsync();
        var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO orders VALUES (1, -1, '')";

        (await Should.ThrowAsync<SqliteException>(insert.ExecuteNonQueryAsync())).Message.ShouldContain("helios_");
    }

    [Fact]
    public async Task A_row_is_seen_once_and_in_order_in_tables_of_all_kinds()
    {
        await ExecuteAsync("CREATE TABLE pairs (a TEXT, b INTEGER, total INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID");
        await ExecuteAsync("CREATE TABLE plain (total INTEGER, \"odd \"\"name\" BLOB)");
        await TriggerAsync("pairs", "twice", new JsonObject { ["table"] = "pairs", ["events"] = new JsonArray("before_insert") });
        await TriggerAsync("plain", "twice", new JsonObject { ["table"] = "plain", ["events"] = new JsonArray("before_insert", "after_insert") }, expected: HttpStatusCode.Created);

        await ExecuteAsync("INSERT INTO pairs VALUES ('x', 1, 5), ('x', 2, 6)");
        (await RowsAsync("SELECT total FROM pairs ORDER BY b")).ShouldBe("[[10],[12]]");
        (await RefusedAsync("INSERT INTO plain VALUES (1, x'ff')", "trigger_failed"))["detail"]!.GetValue<string>().ShouldContain("only before_insert and before_update take");

        await TriggerAsync("pairs", "deny", new JsonObject { ["table"] = "pairs", ["events"] = new JsonArray("before_delete") });
        (await RefusedAsync("DELETE FROM pairs WHERE b = 2", "trigger_rejected"))["detail"]!.GetValue<string>().ShouldContain("""{"a":"x","b":2}""");
    }

    [Fact]
    public async Task Triggers_of_a_table_are_asked_by_name_and_after_events_see_what_was_written()
    {
        await TriggerAsync("c-watch", "echo", "after_insert");
        await TriggerAsync("b-fill", "handle", "before_insert");
        await TriggerAsync("a-doubles", "twice", "before_insert");

        var seen = Seen(await RefusedAsync("INSERT INTO orders (id, total) VALUES (1, 21)", "trigger_rejected"));

        seen["trigger"]!.GetValue<string>().ShouldBe("c-watch");
        seen["new"]!.ToJsonString().ShouldBe("""{"id":1,"total":42,"placed":"2026-01-01"}""");
    }

    [Fact]
    public async Task A_trigger_lives_on_in_the_database()
    {
        await TriggerAsync("validate", "handle", "before_insert");

        await _silo.DisposeAsync();
        _silo = await TestSilo.StartAsync(_folder.Path, regions: ["eu"]);

        await RefusedAsync("INSERT INTO orders VALUES (1, -1, '')", "trigger_rejected");
        (await ListAsync()).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"table": "missing"}""", 400, "invalid_parameter", "There is no table \"missing\"")]
    [InlineData("""{"table": "totals"}""", 400, "invalid_parameter", "\"totals\" is a view; triggers are for tables")]
    [InlineData("""{"columns": ["sum"]}""", 400, "invalid_parameter", "has no column \"sum\"; it has id, total, placed")]
    [InlineData("""{"events": []}""", 400, "invalid_parameter", "events is empty")]
    [InlineData("""{"events": ["on_insert"]}""", 400, "invalid_parameter", "\"on_insert\" in events is not an event")]
    [InlineData("""{"when": "NEW.sum > 1"}""", 400, "invalid_parameter", "no such column")]
    [InlineData("""{"when": "OLD.total > 1"}""", 400, "invalid_parameter", "when is no expression over new")]
    [InlineData("""{"when": "1) BEGIN SELECT 1; END; --"}""", 400, "invalid_parameter", "when is no expression")]
    [InlineData("""{"function": "nobody"}""", 404, "function_not_found", "nobody")]
    [InlineData("""{"function": "writes"}""", 422, "capability_denied", "would run inside a statement")]
    [InlineData("""{"database": "orders"}""", 404, "database_not_found", "it has main")]
    [InlineData("""{"surprise": 1}""", 400, "invalid_parameter", "surprise")]
    public async Task What_is_wrong_with_a_trigger_is_said(string members, int status, string code, string expected)
    {
        await ExecuteAsync("CREATE VIEW totals AS SELECT total FROM orders");
        var module = await _silo.UploadAsync("judge");
        await Answer.JsonAsync(await _silo.RegisterAsync("writes", new JsonObject { ["module"] = module, ["profile"] = "database_only" }.ToJsonString()));
        await Answer.JsonAsync(await _silo.RegisterAsync("fine", new JsonObject { ["module"] = module }.ToJsonString()));
        var body = new JsonObject { ["table"] = "orders", ["events"] = new JsonArray("before_insert"), ["function"] = "fine" };
        foreach (var (name, value) in JsonNode.Parse(members)!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        var problem = await Answer.ProblemAsync(await PutAsync("wrong", body), (HttpStatusCode)status, code);
        problem["detail"]!.GetValue<string>().ShouldContain(expected);
        (await ListAsync()).Count.ShouldBe(0);
    }

    private static JsonNode Seen(JsonObject problem)
    {
        var detail = problem["detail"]!.GetValue<string>();
        return JsonNode.Parse(detail[(detail.IndexOf(": {", StringComparison.Ordinal) + 2)..])!;
    }

    private Task TriggerAsync(string name, string entry, params string[] events) => TriggerAsync(name, entry, new JsonObject { ["events"] = JsonSerializer.SerializeToNode(events) });

    private async Task TriggerAsync(string name, string entry, JsonObject body, HttpStatusCode? expected = null)
    {
        var module = await _silo.UploadAsync("judge");
        await Answer.JsonAsync(await _silo.RegisterAsync($"judge-{entry}", new JsonObject { ["module"] = module, ["entry"] = entry }.ToJsonString()));
        body["table"] ??= "orders";
        body["function"] = $"judge-{entry}";
        var response = await PutAsync(name, body);
        await Answer.JsonAsync(response);
        response.StatusCode.ShouldBe(expected ?? response.StatusCode);
    }

    private async Task PutProcedureAsync()
    {
        await Answer.JsonAsync(await _silo.PutProcedureAsync("work", new JsonObject { ["module"] = await _silo.UploadAsync("procedure") }));
    }

    private async Task<JsonArray> ListAsync() => (await Answer.JsonAsync(await _silo.Http.GetAsync("/v1/triggers")))["triggers"]!.AsArray();

    private Task<HttpResponseMessage> PutAsync(string name, JsonObject body) => _silo.Http.PutAsync($"/v1/triggers/{name}", Json(body.ToJsonString()));

    private Task<HttpResponseMessage> PostAsync(string path, string json) => _silo.Http.PostAsync(path, Json(json));

    private Task<HttpResponseMessage> StatementAsync(string verb, string sql) => PostAsync($"/v1/databases/main/{verb}", new JsonObject { ["sql"] = sql }.ToJsonString());

    private async Task ExecuteAsync(string sql) => await Answer.JsonAsync(await StatementAsync("execute", sql));

    private async Task<JsonObject> RefusedAsync(string sql, string code) =>
        await Answer.ProblemAsync(await StatementAsync("execute", sql), HttpStatusCode.UnprocessableEntity, code);

    private async Task<string> RowsAsync(string sql) => (await Answer.JsonAsync(await StatementAsync("query", sql)))["rows"]!.ToJsonString();

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
