using System.Text.Json.Nodes;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;

namespace HeliosEdge.Data.Tests.Postgres.Changes;

/// <summary>What changes look like.</summary>
public sealed class EventTests : PipelineTest
{
    [PostgresFact]
    public async Task Each_kind_of_change_is_an_event_as_Debezium_has_it()
    {
        await WriteAsync("CREATE TABLE orders (id int PRIMARY KEY, total int)");
        await PutAsync("p", "orders");
        await WriteAsync("INSERT INTO orders VALUES (1, 10)", "UPDATE orders SET total = 11", "UPDATE orders SET id = 2", "DELETE FROM orders", "TRUNCATE orders");
        var events = await TakeAsync(await OpenAsync("p"), 5);

        events.Select(e => (string)e["op"]!).ShouldBe(["c", "u", "u", "d", "t"]);
        events.Select(e => $"{e["before"]?.ToJsonString() ?? "-"} {e["after"]?.ToJsonString() ?? "-"}").ShouldBe([
            """- {"id":1,"total":10}""",
            """- {"id":1,"total":11}""",
            """{"id":1} {"id":2,"total":11}""",
            """{"id":2} -""",
            "- -",
        ]);
        var first = events[0];
        first.Select(field => field.Key).ShouldBe(["before", "after", "source", "op", "ts_ms", "transaction"]);
        var source = first["source"]!.AsObject();
        source.Select(field => field.Key).ShouldBe(["version", "connector", "name", "ts_ms", "snapshot", "db", "schema", "table", "txId", "lsn"]);
        ((string)source["connector"]!, (string)source["name"]!, (string)source["snapshot"]!, (string)source["db"]!, (string)source["schema"]!, (string)source["table"]!)
            .ShouldBe(("postgresql", "test", "false", Test.Settings.Database!, "public", "orders"));
        ((string)first["transaction"]!["id"]!).ShouldStartWith($"{source["txId"]}:");
        ((int)first["transaction"]!["total_order"]!, (int)first["transaction"]!["data_collection_order"]!).ShouldBe((1, 1));
        DateTimeOffset.FromUnixTimeMilliseconds((long)source["ts_ms"]!).ShouldBeLessThanOrEqualTo(DateTimeOffset.FromUnixTimeMilliseconds((long)first["ts_ms"]!));
        (await Changes.ListAsync(default)).Single().Delivered.ShouldBe(5);
    }

    [PostgresFact]
    public async Task Events_of_a_transaction_are_numbered_in_it_and_in_their_tables()
    {
        await WriteAsync("CREATE TABLE a (id int PRIMARY KEY)", "CREATE TABLE b (id int PRIMARY KEY)", "CREATE TABLE other (id int)");
        await PutAsync("p", "a", "public.b");
        await WriteAsync("BEGIN; INSERT INTO a VALUES (1), (2); INSERT INTO other VALUES (1); INSERT INTO b VALUES (1); INSERT INTO a VALUES (3); COMMIT");
        var events = await TakeAsync(await OpenAsync("p"), 4);
        events.Select(e => $"{e["source"]!["table"]} {e["transaction"]!["total_order"]} {e["transaction"]!["data_collection_order"]}")
            .ShouldBe(["a 1 1", "a 2 2", "b 3 1", "a 4 3"]);
        events.Select(e => (string)e["transaction"]!["id"]!).Distinct().Count().ShouldBe(1);
    }

    [PostgresFact]
    public async Task Values_have_the_form_that_statements_give_them_in_changes_and_in_snapshots()
    {
        await WriteAsync(
            "CREATE DOMAIN cents AS int",
            "CREATE TYPE mood AS ENUM ('glad', 'sad')",
            """
            CREATE TABLE "odd ""names" (id int PRIMARY KEY, "a""b" bool, i8 int8, n numeric, f float8, t text, b bytea, j json, jb jsonb, u uuid, d date, ts timestamp, tz timestamptz,
                iv interval, xs int[], ys text[], c cents, m mood, gone int, made int GENERATED ALWAYS AS (7) STORED)
            """,
            """ALTER TABLE "odd ""names" DROP COLUMN gone""");
        await Changes.PutAsync(Define("snapshot", "odd \"names") with { Snapshot = true }, default);
        await PutAsync("log", "odd \"names");
        const string Row =
            """
            (1, true, 9007199254740993, 1.50, 'NaN', 'ä"\ <&> 😀', '\xdeadbeef', '{"a": [1, 2]}', '"x"', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '2026-11-29', '2026-11-29 08:00:00.5',
                '2026-11-29 08:00:00+02', '1 day 2 hours', '{{1,2},{3,NULL}}', '{"a b",NULL,"NULL"}', 3, 'sad')
            """;
        await WriteAsync($"""INSERT INTO "odd ""names" VALUES {Row}""", """INSERT INTO "odd ""names" (id) VALUES (2)""");

        var logged = await TakeAsync(await OpenAsync("log"), 2);
        var taken = await TakeAsync(await OpenAsync("snapshot"), 2);
        JsonNode.DeepEquals(logged[0]["after"], JsonNode.Parse(
            """
            {"id": 1, "a\"b": true, "i8": 9007199254740993, "n": "1.50", "f": "NaN", "t": "ä\"\\ <&> 😀", "b": "3q2+7w==", "j": {"a": [1, 2]}, "jb": "x",
             "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "d": "2026-11-29", "ts": "2026-11-29T08:00:00.5", "tz": "2026-11-29T06:00:00Z", "iv": "P1DT2H",
             "xs": [[1, 2], [3, null]], "ys": ["a b", null, "NULL"], "c": 3, "m": "sad"}
            """)).ShouldBeTrue(logged[0].ToJsonString());
        taken.Select(e => e["after"]!.ToJsonString()).ShouldBe(logged.Select(e => e["after"]!.ToJsonString()));
        taken.Select(e => $"{e["op"]} {e["source"]!["snapshot"]} {e["transaction"] is null} {e["source"]!["txId"] is null}").ShouldBe(["r true True True", "r last True True"]);
    }

    [PostgresFact]
    public async Task A_long_value_that_did_not_change_is_missing_unless_the_old_row_has_it()
    {
        var large = string.Concat(Enumerable.Range(0, 2_000).Select(i => Guid.NewGuid().ToString()));
        await WriteAsync("CREATE TABLE docs (id int PRIMARY KEY, body text, n int)", $"INSERT INTO docs VALUES (1, '{large}', 0)");
        await PutAsync("p", "docs");
        await WriteAsync("UPDATE docs SET n = 1", "ALTER TABLE docs REPLICA IDENTITY FULL", "UPDATE docs SET n = 2", "DELETE FROM docs");
        var events = await TakeAsync(await OpenAsync("p"), 3);
        ((string)events[0]["after"]!["body"]!).ShouldBe("__debezium_unavailable_value");
        events[0]["before"].ShouldBeNull();
        ((string)events[1]["after"]!["body"]!, (string)events[1]["before"]!["body"]!, (int)events[1]["before"]!["n"]!).ShouldBe((large, large, 1));
        ((string)events[2]["before"]!["body"]!, (int)events[2]["before"]!["n"]!).ShouldBe((large, 2));
    }

    [PostgresFact]
    public async Task A_column_is_added_renamed_and_dropped_while_the_pipeline_runs()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY, a int)");
        await PutAsync("p", "t");
        var stream = await OpenAsync("p");
        await WriteAsync("INSERT INTO t VALUES (1, 1)");
        (await TakeAsync(stream, 1))[0]["after"]!.ToJsonString().ShouldBe("""{"id":1,"a":1}""");
        await WriteAsync("ALTER TABLE t ADD b text DEFAULT 'x'", "UPDATE t SET a = 2", "ALTER TABLE t RENAME b TO c", "UPDATE t SET a = 3", "ALTER TABLE t DROP a", "UPDATE t SET c = 'y'");
        (await TakeAsync(stream, 3)).Select(e => e["after"]!.ToJsonString()).ShouldBe(["""{"id":1,"a":2,"b":"x"}""", """{"id":1,"a":3,"c":"x"}""", """{"id":1,"c":"y"}"""]);
    }

    [PostgresFact]
    public async Task Partitions_are_told_of_as_their_table()
    {
        await WriteAsync(
            "CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id)", "CREATE TABLE low PARTITION OF parts FOR VALUES FROM (0) TO (10)", "INSERT INTO parts VALUES (1)");
        await Changes.PutAsync(Define("p", "parts") with { Snapshot = true }, default);
        var stream = await OpenAsync("p");
        await WriteAsync("CREATE TABLE high PARTITION OF parts FOR VALUES FROM (10) TO (20)", "INSERT INTO parts VALUES (2), (12)");
        (await TakeAsync(stream, 3)).Select(e => $"{e["op"]} {e["source"]!["table"]} {e["after"]!["id"]}").ShouldBe(["r parts 1", "c parts 2", "c parts 12"]);
    }

    [PostgresFact]
    public async Task Changes_of_a_row_have_one_key_and_what_is_about_several_rows_comes_alone()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY, a int)", "CREATE TABLE whole (id int, a int)", "ALTER TABLE whole REPLICA IDENTITY FULL");
        await PutAsync("p", "t", "whole");
        await WriteAsync(
            "INSERT INTO t VALUES (1, 1), (2, 2)", "UPDATE t SET a = 3 WHERE id = 1", "DELETE FROM t WHERE id = 2", "UPDATE t SET id = 4 WHERE id = 1", "UPDATE t SET a = 5",
            "INSERT INTO whole VALUES (1, 1), (2, 2)", "UPDATE whole SET id = 3 WHERE id = 1", "TRUNCATE t, whole");
        var stream = await OpenAsync("p");
        List<ulong[]> keys = [];
        var batch = new ChangeBatch();
        for (var count = 0; count < 11; count += batch.Count)
        {
            await stream.ReadAsync(batch, 1 << 20, default);
            keys.Add([.. Enumerable.Range(0, batch.Count).Select(i => batch[i].Key)]);
        }

        // The transactions may be in one batch or in several.
        var all = keys.SelectMany(k => k).ToArray();
        all.Length.ShouldBe(11);
        (all[0], all[1], all[5], all[9]).ShouldBe((all[2], all[3], all[5], all[9]));
        all[0].ShouldBe(all[4]);
        new[] { all[0], all[1], all[5], all[6] }.Distinct().Count().ShouldBe(4);
        all[6].ShouldBe(all[7]);
        all[7].ShouldBe(all[8]);
        foreach (var alone in new[] { all[4], all[9], all[10] })
        {
            keys.ShouldContain(k => k.Length == 1 && k[0] == alone);
        }
    }
}
