using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HeliosEdge.Data.Databases;
using HeliosEdge.Silo.Tests.Running;
using Npgsql;

namespace HeliosEdge.Silo.Tests.Procedures;

public sealed class PostgresProcedureTests : IAsyncLifetime
{
    private TestSilo _silo = null!;
    private NpgsqlDataSource _direct = null!;
    private string _module = "";

    public async Task InitializeAsync()
    {
        if (PostgresServer.WhySkipped is not null)
        {
            return;
        }

        var address = await PostgresServer.NewOwnedDatabaseAsync();
        var databases = DatabaseSettingText.Parse($"orders={address}", ["eu"]);
        _direct = NpgsqlDataSource.Create(databases[0].Connection);
        _silo = await TestSilo.StartAsync(regions: ["eu"], configure: options => options with { Databases = databases });
        _module = await _silo.UploadAsync("procedure");
        await AskAsync("CREATE TABLE t (a INT PRIMARY KEY, b INT); INSERT INTO t VALUES (1, 0)");
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
    public async Task A_call_is_a_transaction_in_the_database_that_the_procedure_names()
    {
        await RegisterAsync("work");

        (await CallAsync("work", "x INSERT INTO t VALUES (2, 5) RETURNING b", "q SELECT sum(b) FROM t"))
            .ShouldBe("""[{"columns":["b"],"rows":[[5]],"rowsAffected":1,"lastInsertId":0},{"columns":["sum"],"rows":[[5]]}]""");
        await Answer.ProblemAsync(await PostAsync("work", "x DELETE FROM t", "f enough"), HttpStatusCode.UnprocessableEntity, "procedure_failed");
        await Answer.ProblemAsync(await PostAsync("work", "x DELETE FROM t", "t"), HttpStatusCode.BadGateway, "trap");

        (await AskAsync("SELECT count(*) FROM t")).ShouldBe(2L);
    }

    [PostgresFact]
    public async Task A_statement_that_failed_leaves_nothing_to_commit_unless_it_was_a_part_that_is_undone()
    {
        await RegisterAsync("work");

        var problem = await Answer.ProblemAsync(
            await PostAsync("work", "x INSERT INTO t VALUES (3, 3)", "x INSERT INTO t VALUES (1, 1)"), HttpStatusCode.UnprocessableEntity, "transaction_failed");
        problem["detail"]!.GetValue<string>().ShouldContain("23505");
        (await AskAsync("SELECT count(*) FROM t")).ShouldBe(1L);

        (await CallAsync("work", "x INSERT INTO t VALUES (3, 3)", """c work ["x INSERT INTO t VALUES (1, 1)"]""", "e", "q SELECT count(*) FROM t")).ShouldContain("[[2]]");
        (await AskAsync("SELECT count(*) FROM t")).ShouldBe(2L);
    }

    [PostgresFact]
    public async Task Calls_that_are_in_each_others_way_are_run_again_until_each_has_counted()
    {
        await RegisterAsync("count", new JsonObject { ["isolation"] = "serializable", ["retries"] = 100, ["limits"] = new JsonObject { ["timeoutMs"] = 30_000 } });

        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => CallAsync("count", "q SELECT b FROM t WHERE a = 1", "x UPDATE t SET b = b + 1 WHERE a = 1")));

        (await AskAsync("SELECT b FROM t WHERE a = 1")).ShouldBe(12);
    }

    [PostgresFact]
    public async Task A_conflict_is_an_error_where_a_procedure_is_not_run_again()
    {
        await RegisterAsync("once", new JsonObject { ["isolation"] = "repeatable_read", ["retries"] = 0, ["limits"] = new JsonObject { ["timeoutMs"] = 20_000 } });
        await using var other = await _direct.OpenConnectionAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await new NpgsqlCommand("UPDATE t SET b = 7 WHERE a = 1", other, transaction).ExecuteNonQueryAsync();

        var call = PostAsync("once", "q SELECT b FROM t", "x UPDATE t SET b = b + 1 WHERE a = 1");
        await Eventually.HoldsAsync("the call waits for the other's row", async () =>
            await AskAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") is 1L);
        await transaction.CommitAsync();

        await Answer.ProblemAsync(await call, HttpStatusCode.Conflict, "procedure_conflict");
        (await AskAsync("SELECT b FROM t WHERE a = 1")).ShouldBe(7);
    }

    [PostgresFact]
    public async Task A_statement_ends_at_the_server_at_the_deadline_and_when_the_caller_leaves()
    {
        await RegisterAsync("slow", new JsonObject { ["limits"] = new JsonObject { ["timeoutMs"] = 1_000 } });
        await Answer.ProblemAsync(await PostAsync("slow", "q SELECT pg_sleep(600)"), HttpStatusCode.GatewayTimeout, "timeout");
        await NothingRunsAsync();

        await RegisterAsync("slow", new JsonObject { ["limits"] = new JsonObject { ["timeoutMs"] = 60_000 } });
        using var leaving = new CancellationTokenSource();
        var call = PostAsync("slow", leaving.Token, "q SELECT pg_sleep(600)");
        await Eventually.HoldsAsync("it runs", async () => await AskAsync(Sleeping) is 1L);
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(call);
        await NothingRunsAsync();
    }

    [PostgresFact]
    public async Task A_function_has_the_databases_that_its_capabilities_name()
    {
        var body = new JsonObject { ["module"] = _module, ["capabilities"] = new JsonArray("db.query:orders", "db.query", "db.execute", "proc.call") };
        await Answer.JsonAsync(await _silo.RegisterAsync("plain", body.ToJsonString()));

        var steps = JsonSerializer.SerializeToUtf8Bytes(new[] { "o orders SELECT b FROM t", "q SELECT 1 AS main", "o nobody SELECT 1" });
        Encoding.UTF8.GetString(await _silo.CallAsync("plain", steps)).ShouldBe("""[{"columns":["b"],"rows":[[0]]},{"columns":["main"],"rows":[[1]]},-9]""");

        await Answer.ProblemAsync(
            await _silo.RegisterAsync("less", new JsonObject { ["module"] = _module, ["profile"] = "minimal" }.ToJsonString()), HttpStatusCode.UnprocessableEntity, "capability_denied");
        body["capabilities"] = new JsonArray("db.query:missing", "db.query", "db.execute", "proc.call");
        var problem = await Answer.ProblemAsync(await _silo.RegisterAsync("plain", body.ToJsonString()), HttpStatusCode.BadRequest, "invalid_parameter");
        problem["detail"]!.GetValue<string>().ShouldContain("eu has no database \"missing\"; it has main, orders");
    }

    [PostgresFact]
    public async Task A_procedure_has_no_database_but_its_own()
    {
        await RegisterAsync("work");

        (await CallAsync("work", "o main SELECT 1", "o orders SELECT 1 AS one")).ShouldBe("""[-9,{"columns":["one"],"rows":[[1]]}]""");
        var problem = await Answer.ProblemAsync(
            await PutAsync("sql", new JsonObject { ["sql"] = new JsonObject() }), HttpStatusCode.BadRequest, "invalid_parameter");
        problem["detail"]!.GetValue<string>().ShouldContain("orders is postgresql");
    }

    private const string Sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()";

    private Task NothingRunsAsync() => Eventually.HoldsAsync("nothing runs at the server", async () => await AskAsync(Sleeping) is 0L);

    private async Task<object?> AskAsync(string sql)
    {
        await using var command = _direct.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    private async Task RegisterAsync(string name, JsonObject? body = null) => await Answer.JsonAsync(await PutAsync(name, body ?? []));

    private Task<HttpResponseMessage> PutAsync(string name, JsonObject body)
    {
        body["module"] = _module;
        body["database"] = "orders";
        return _silo.PutProcedureAsync(name, body);
    }

    private Task<HttpResponseMessage> PostAsync(string name, params string[] steps) => _silo.PostStepsAsync(name, steps);

    private Task<HttpResponseMessage> PostAsync(string name, CancellationToken cancellationToken, params string[] steps) => _silo.PostStepsAsync(name, steps, cancellationToken);

    private Task<string> CallAsync(string name, params string[] steps) => _silo.CallStepsAsync(name, steps);
}
