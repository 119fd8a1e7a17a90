using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Pipelines;

/// <summary>Functions that get the changes of tables, in both kinds of databases.</summary>
public sealed class PipelineTests
{
    private static readonly JsonObject IntoCopies = new() { ["sink"] = new JsonObject { ["table"] = "copies" } };

    [PostgresTheory]
    [InlineData("main")]
    [InlineData(PipelineSilo.Postgres)]
    public async Task A_table_gets_what_is_there_and_then_each_change_once(string database)
    {
        await using var silo = await PipelineSilo.StartAsync(database);
        await silo.DeployAsync("copy", "copy");
        await silo.ExecuteAsync("INSERT INTO things VALUES (1, 'one', 1), (2, NULL, 1)");

        var made = await silo.PutAsync("copies", "copy", IntoCopies);
        made["state"]!.GetValue<string>().ShouldBe("running");
        made["source"]!.ToJsonString().ShouldBe($$"""{"database":"{{database}}","tables":["things"],"snapshot":"initial"}""");
        await silo.WaitForCopyAsync();

        await silo.BatchAsync("INSERT INTO things VALUES (3, 'three', 1)", "UPDATE things SET name = 'two', version = 2 WHERE id = 2", "DELETE FROM things WHERE id = 1");
        await silo.BatchAsync("UPDATE things SET id = 4 WHERE id = 3", "INSERT INTO things VALUES (3, 'another', 1)");
        await silo.WaitForCopyAsync();

        var pipeline = await silo.WaitForAsync("copies", "nothing is left", pipeline => pipeline["lag"]!["seconds"]!.GetValue<double>() == 0 && pipeline["delivered"]!.GetValue<long>() >= 7);
        pipeline["delivered"]!.GetValue<long>().ShouldBe(7);
        pipeline["dead"]!.GetValue<long>().ShouldBe(0);
        pipeline["taken"]!.GetValue<bool>().ShouldBeTrue();
        pipeline["position"]!.GetValue<string>().ShouldNotBeEmpty();
    }

    [PostgresTheory]
    [InlineData("main")]
    [InlineData(PipelineSilo.Postgres)]
    public async Task A_webhook_gets_events_in_order_and_again_until_it_takes_them(string database)
    {
        await using var silo = await PipelineSilo.StartAsync(database);
        await using var webhook = await Webhook.StartAsync();
        webhook.Statuses.Enqueue(503);
        webhook.Statuses.Enqueue(429);
        await silo.DeployAsync("echo", "echo", webhook.Host);
        await silo.PutAsync("events", "echo", new JsonObject { ["source"] = silo.Things("never"), ["sink"] = new JsonObject { ["webhook"] = webhook.Address } });

        await silo.BatchAsync("INSERT INTO things VALUES (1, 'one', 1)", "UPDATE things SET name = 'uno' WHERE id = 1");
        await silo.ExecuteAsync("DELETE FROM things WHERE id = 1");

        var events = await silo.WaitForEventsAsync(webhook, "events", 3);
        events.Select(change => change["op"]!.GetValue<string>()).ShouldBe(["c", "u", "d"]);
        events[0]["before"].ShouldBeNull();
        events[0]["after"]!.ToJsonString().ShouldBe("""{"id":1,"name":"one","version":1}""");
        events[1]["after"]!["name"]!.GetValue<string>().ShouldBe("uno");
        events[2]["after"].ShouldBeNull();
        events[2]["before"]!["id"]!.GetValue<int>().ShouldBe(1);
        events[0]["source"]!["connector"]!.GetValue<string>().ShouldBe(database == "main" ? "sqlite" : "postgresql");
        events[0]["source"]!["table"]!.GetValue<string>().ShouldBe("things");
        events[0]["source"]!["name"]!.GetValue<string>().ShouldBe(database);
        events[0]["transaction"]!["id"]!.GetValue<string>().ShouldBe(events[1]["transaction"]!["id"]!.GetValue<string>());
        events[0]["transaction"]!["id"]!.GetValue<string>().ShouldNotBe(events[2]["transaction"]!["id"]!.GetValue<string>());
        webhook.Pipelines.ShouldAllBe(name => name == "events");
        (await silo.FindAsync("events"))["lastError"]!.GetValue<string>().ShouldStartWith("http_failed");
    }

    [PostgresTheory]
    [InlineData("main")]
    [InlineData(PipelineSilo.Postgres)]
    public async Task What_the_function_traps_at_waits_among_the_dead_and_nothing_else_does(string database)
    {
        await using var silo = await PipelineSilo.StartAsync(database);
        await silo.DeployAsync("copy", "copy");
        await silo.PutAsync("copies", "copy", new JsonObject { ["sink"] = new JsonObject { ["table"] = "copies" }, ["onError"] = "skip" });
        await silo.ExecuteAsync(
            "INSERT INTO things SELECT n, CASE WHEN n IN (17, 60) THEN 'poison' ELSE 'good' END, 1 FROM (WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 100) SELECT n FROM s) AS t");

        var pipeline = await silo.WaitForAsync("copies", "all are delivered or dead", pipeline => pipeline["delivered"]!.GetValue<long>() + pipeline["dead"]!.GetValue<long>() == 100);
        pipeline["dead"]!.GetValue<long>().ShouldBe(2);
        (await silo.RowsAsync("SELECT count(*) FROM copies WHERE name = 'good'")).ShouldBe("[[98]]");
        var dead = await silo.DeadAsync("copies");
        dead.Select(change => change!["event"]!["after"]!["id"]!.GetValue<int>()).ShouldBe([17, 60]);
        dead.Select(change => change!["code"]!.GetValue<string>()).ShouldBe(["trap", "trap"]);
        var (first, second) = (dead[0]!["id"]!.GetValue<long>(), dead[1]!["id"]!.GetValue<long>());

        // Tried again it still traps, and stays.
        await Answer.ProblemAsync(await silo.PostAsync($"copies/dead/{first}/retry"), HttpStatusCode.BadGateway, "trap");
        (await silo.DeadAsync("copies")).Count.ShouldBe(2);

        // A function that takes it has it forgotten.
        await silo.DeployAsync("copy", "nonsense");
        await Answer.ProblemAsync(await silo.PostAsync($"copies/dead/{first}/retry"), HttpStatusCode.UnprocessableEntity, "sink_failed");
        (await silo.DeleteAsync($"copies/dead/{second}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Answer.ProblemAsync(await silo.DeleteAsync($"copies/dead/{second}"), HttpStatusCode.NotFound, "dead_change_not_found");
        (await silo.DeadAsync("copies")).Count.ShouldBe(1);
    }

    [PostgresTheory]
    [InlineData("main")]
    [InlineData(PipelineSilo.Postgres)]
    public async Task A_pipeline_that_stops_at_an_error_goes_on_there_when_it_is_resumed(string database)
    {
        await using var silo = await PipelineSilo.StartAsync(database);
        await silo.DeployAsync("copy", "nonsense");
        await silo.PutAsync("copies", "copy", new JsonObject { ["sink"] = new JsonObject { ["table"] = "copies" }, ["onError"] = "stop" });
        await silo.ExecuteAsync("INSERT INTO things VALUES (1, 'one', 1), (2, 'two', 1)");

        var stopped = await silo.WaitForAsync("copies", "failed");
        stopped["reason"]!.GetValue<string>().ShouldContain("sink_failed");
        stopped["delivered"]!.GetValue<long>().ShouldBe(0);

        await silo.DeployAsync("copy", "copy");
        (await Answer.JsonAsync(await silo.PostAsync("copies/resume")))["state"]!.GetValue<string>().ShouldBe("running");
        await silo.WaitForCopyAsync();
        (await silo.DeadAsync("copies")).Count.ShouldBe(0);
    }

    [PostgresTheory]
    [InlineData("main")]
    [InlineData(PipelineSilo.Postgres)]
    public async Task A_pipeline_whose_function_is_gone_waits_for_it(string database)
    {
        await using var silo = await PipelineSilo.StartAsync(database);
        await silo.DeployAsync("copy", "copy");
        await silo.PutAsync("copies", "copy", IntoCopies);
        await silo.ExecuteAsync("INSERT INTO things VALUES (1, 'one', 1)");
        await silo.WaitForCopyAsync();

        await silo.DeleteFunctionAsync("copy");
        await silo.ExecuteAsync("INSERT INTO things VALUES (2, 'two', 1)");
        await silo.WaitForAsync("copies", "the error is shown", pipeline => pipeline["lastError"]?.GetValue<string>().StartsWith("function_not_found", StringComparison.Ordinal) == true);

        await silo.DeployAsync("copy", "copy");
        await silo.WaitForCopyAsync();
        (await silo.DeadAsync("copies")).Count.ShouldBe(0);
    }

    [PostgresTheory]
    [InlineData("main")]
    [InlineData(PipelineSilo.Postgres)]
    public async Task A_pipeline_is_paused_resumed_replayed_and_deleted(string database)
    {
        await using var silo = await PipelineSilo.StartAsync(database);
        await silo.DeployAsync("copy", "copy");
        await silo.PutAsync("copies", "copy", IntoCopies);
        await silo.ExecuteAsync("INSERT INTO things VALUES (1, 'one', 1)");
        var position = (await silo.WaitForAsync("copies", 1))["position"]!.GetValue<string>();

        (await Answer.JsonAsync(await silo.PostAsync("copies/pause")))["state"]!.GetValue<string>().ShouldBe("paused");
        await silo.WaitForAsync("copies", "let go", pipeline => !pipeline["taken"]!.GetValue<bool>());
        await silo.ExecuteAsync("INSERT INTO things VALUES (2, 'two', 1)");
        (await silo.FindAsync("copies"))["delivered"]!.GetValue<long>().ShouldBe(1);
        await Answer.JsonAsync(await silo.PostAsync("copies/resume"));
        await silo.WaitForCopyAsync();

        // From the position the second one comes again, and from a snapshot all do.
        await silo.ExecuteAsync("DELETE FROM copies");
        await Answer.JsonAsync(await silo.PostAsync("copies/replay", new JsonObject { ["from"] = position }));
        await Eventually.HoldsAsync("the second row", async () => await silo.RowsAsync("SELECT id FROM copies") == "[[2]]");
        await silo.ExecuteAsync("DELETE FROM copies");
        await Answer.JsonAsync(await silo.PostAsync("copies/replay", new JsonObject { ["from"] = "snapshot" }));
        await silo.WaitForCopyAsync();

        await Answer.ProblemAsync(await silo.PostAsync("copies/replay", new JsonObject { ["from"] = "yesterday" }), HttpStatusCode.BadRequest, "invalid_parameter");
        (await silo.DeleteAsync("copies")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        foreach (var verb in (string[])["pause", "resume"])
        {
            await Answer.ProblemAsync(await silo.PostAsync($"copies/{verb}"), HttpStatusCode.NotFound, "pipeline_not_found");
        }

        await Answer.ProblemAsync(await silo.DeleteAsync("copies"), HttpStatusCode.NotFound, "pipeline_not_found");
    }

    [PostgresTheory]
    [InlineData("main")]
    [InlineData(PipelineSilo.Postgres)]
    public async Task The_changes_of_each_row_stay_in_order_while_other_rows_come_at_the_same_time(string database)
    {
        const int Rows = 20;
        const int Versions = 25;
        await using var silo = await PipelineSilo.StartAsync(database);
        await using var webhook = await Webhook.StartAsync();
        await silo.DeployAsync("echo", "echo", webhook.Host);
        await silo.PutAsync("events", "echo", new JsonObject { ["source"] = silo.Things("never"), ["order"] = "key", ["batch"] = new JsonObject { ["maxRows"] = 64 }, ["sink"] = new JsonObject { ["webhook"] = webhook.Address } });

        await silo.BatchAsync([.. Enumerable.Range(1, Rows).Select(id => $"INSERT INTO things VALUES ({id}, 'a', 1)")]);
        for (var version = 2; version <= Versions; version++)
        {
            await silo.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"UPDATE things SET version = {version}"));
        }

        var events = await silo.WaitForEventsAsync(webhook, "events", Rows * Versions);
        events.Length.ShouldBe(Rows * Versions);
        foreach (var row in events.GroupBy(change => change["after"]!["id"]!.GetValue<int>()))
        {
            row.Select(change => change["after"]!["version"]!.GetValue<int>()).ShouldBe(Enumerable.Range(1, Versions), $"row {row.Key}");
        }
    }

    [PostgresTheory]
    [InlineData("main")]
    [InlineData(PipelineSilo.Postgres)]
    public async Task Another_function_is_the_sink(string database)
    {
        await using var silo = await PipelineSilo.StartAsync(database);
        await using var webhook = await Webhook.StartAsync();
        await silo.DeployAsync("first", "echo");
        await silo.DeployAsync("second", "echo", webhook.Host);
        await silo.PutAsync("chain", "first", new JsonObject { ["source"] = silo.Things("never"), ["sink"] = new JsonObject { ["function"] = "second" } });
        await silo.ExecuteAsync("INSERT INTO things VALUES (1, 'one', 1)");
        await silo.WaitForAsync("chain", 1);

        await silo.DeleteFunctionAsync("second");
        await silo.ExecuteAsync("INSERT INTO things VALUES (2, 'two', 1)");
        (await silo.WaitForAsync("chain", "the error is shown", pipeline => pipeline["lastError"] is not null))["lastError"]!.GetValue<string>().ShouldContain("second");
    }

    [PostgresTheory]
    [InlineData("main")]
    [InlineData(PipelineSilo.Postgres)]
    public async Task A_pipeline_for_which_too_much_is_held_is_given_up_and_says_so(string database)
    {
        await using var silo = await PipelineSilo.StartAsync(database);
        await silo.DeployAsync("copy", "copy");
        await silo.PutAsync("copies", "copy", new JsonObject { ["sink"] = new JsonObject { ["table"] = "copies" }, ["maxRetainedMiB"] = 4 });
        await silo.ExecuteAsync("INSERT INTO things VALUES (1, 'one', 1)");
        await silo.WaitForAsync("copies", 1);
        await Answer.JsonAsync(await silo.PostAsync("copies/pause"));

        // Nothing that PostgreSQL could compress.
        var name = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(75_000));
        await silo.WaitForAsync("copies", "it warns", pipeline =>
        {
            if (pipeline["warning"] is null)
            {
                silo.ExecuteAsync("INSERT INTO things SELECT coalesce(max(id), 0) + 1, '" + name + "', 1 FROM things").GetAwaiter().GetResult();
            }

            return pipeline["warning"] is not null || pipeline["state"]!.GetValue<string>() == "lost";
        });
        await silo.WaitForAsync("copies", "it is given up", pipeline =>
        {
            if (pipeline["state"]!.GetValue<string>() != "lost")
            {
                silo.ExecuteAsync("INSERT INTO things SELECT coalesce(max(id), 0) + 1, '" + name + "', 1 FROM things").GetAwaiter().GetResult();
                return false;
            }

            return true;
        });

        var lost = await silo.FindAsync("copies");
        lost["reason"]!.GetValue<string>().ShouldContain("the limit maxRetainedMiB is 4 MiB");
        await silo.WaitForAsync("copies", "nothing is held", pipeline => pipeline["retainedBytes"]!.GetValue<long>() == 0);
        await Answer.ProblemAsync(await silo.PostAsync("copies/resume"), HttpStatusCode.Conflict, "position_unavailable");

        await silo.ExecuteAsync("DELETE FROM things WHERE id > 2");
        await Answer.JsonAsync(await silo.PostAsync("copies/replay", new JsonObject { ["from"] = "snapshot" }));
        await silo.WaitForCopyAsync();
    }

    [PostgresTheory]
    [InlineData("main")]
    [InlineData(PipelineSilo.Postgres)]
    public async Task Bad_input_says_what_is_wrong(string database)
    {
        await using var silo = await PipelineSilo.StartAsync(database);
        await silo.DeployAsync("copy", "copy");
        await silo.ExecuteAsync("CREATE VIEW seen AS SELECT * FROM things");
        await silo.ExecuteAsync("CREATE TABLE keyless (id INTEGER)");
        foreach (var (changes, code, words) in ((string, string, string)[])
        [
            ("""{"source": {"tables": ["missing"]}}""", "invalid_parameter", "missing"),
            ("""{"source": {"tables": []}}""", "invalid_parameter", "source.tables is empty"),
            ("""{"source": {"tables": ["things", "Things"]}}""", "invalid_parameter", "twice"),
            ("""{"source": {"tables": ["seen"]}}""", "invalid_parameter", "is a view"),
            ("""{"source": {"tables": ["things"], "snapshot": "always"}}""", "invalid_parameter", "source.snapshot must be initial or never"),
            ("""{"source": null}""", "invalid_parameter", "source is missing"),
            ("""{"batch": {"maxRows": 0}}""", "invalid_parameter", "batch.maxRows must be from 1 to 10000, not 0"),
            ("""{"batch": {"maxWaitMs": 60001}}""", "invalid_parameter", "batch.maxWaitMs must be from 0 to 60000, not 60001"),
            ("""{"maxRetainedMiB": 0}""", "invalid_parameter", "maxRetainedMiB must be from 1"),
            ("""{"order": "none"}""", "invalid_parameter", "order must be table, key, not \"none\""),
            ("""{"onError": "ignore"}""", "invalid_parameter", "onError must be retry, skip, stop, not \"ignore\""),
            ("""{"function": "absent"}""", "function_not_found", "absent"),
            ("""{"sink": {}}""", "invalid_parameter", "one of table, function and webhook"),
            ("""{"sink": {"table": "copies", "function": "copy"}}""", "invalid_parameter", "one of table, function and webhook"),
            ("""{"sink": {"table": "missing"}}""", "invalid_parameter", "missing"),
            ("""{"sink": {"table": "things"}}""", "invalid_parameter", "things"),
            ("""{"sink": {"table": "keyless"}}""", "invalid_parameter", "primary key"),
            ("""{"sink": {"function": "absent"}}""", "function_not_found", "absent"),
            ("""{"sink": {"webhook": "https://example.com/"}}""", "invalid_parameter", "http.outbound"),
            ("""{"sink": {"queue": "a"}}""", "invalid_parameter", "queue"),
        ])
        {
            var body = JsonNode.Parse(changes)!.AsObject();
            if (body["source"] is JsonObject source)
            {
                source["database"] = database;
            }

            var status = code == "function_not_found" ? HttpStatusCode.NotFound : HttpStatusCode.BadRequest;
            var problem = await Answer.ProblemAsync(await silo.SendAsync("copies", "copy", body), status, code);

            problem["detail"]!.GetValue<string>().ShouldContain(words, customMessage: changes);
        }

        (await Answer.JsonAsync(await silo.Http.GetAsync($"/v1/pipelines?database={database}")))["pipelines"]!.AsArray().ShouldBeEmpty();
    }
}
