using System.Text.Json.Nodes;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;

namespace HeliosEdge.Data.Tests.Postgres.Changes;

/// <summary>A table of the same database takes each change exactly once.</summary>
public sealed class SinkTests : PipelineTest
{
    [PostgresFact]
    public async Task Records_are_applied_in_their_order_and_a_row_may_be_among_them_more_than_once()
    {
        await WriteAsync("""CREATE TABLE sink (a int, "B ""b" text, n int, x numeric, body bytea, doc jsonb, xs int[], at timestamptz, PRIMARY KEY (a, "B ""b"))""");
        var (stream, batch) = await BeginAsync();
        await stream.CommitAsync(
            CommitOf(
                batch,
                Record(TableVerb.Add, """{"a": 1, "B \"b": "k", "n": 2, "x": "0.5"}"""),
                Record(TableVerb.Add, """{"a": 1, "B \"b": "k", "n": 3, "x": null}"""),
                Record(TableVerb.Upsert, """{"B \"b": "k", "a": 1, "body": "3q2+7w==", "doc": "text", "xs": [1, null], "at": "2026-11-29T08:00:00Z"}"""),
                Record(TableVerb.Upsert, """{"a": 2, "B \"b": "k"}"""),
                Record(TableVerb.Upsert, """{"a": 2, "B \"b": "k"}"""),
                Record(TableVerb.Delete, """{"a": 2, "B \"b": "k", "whatever": 1}"""),
                Record(TableVerb.Delete, """{"a": 3, "B \"b": "k"}"""),
                Record(TableVerb.Upsert, """{"a": 4, "B \"b": "k", "n": 1}"""),
                Record(TableVerb.Delete, """{"a": 4, "B \"b": "k"}"""),
                Record(TableVerb.Upsert, """{"a": 4, "B \"b": "k", "x": 9007199254740993.5}""")),
            default);
        (await ReadAsync<string>("SELECT string_agg(s::text, ' ' ORDER BY a) FROM sink s"))
            .ShouldBe("(1,k,5,0.5,\"\\\\xdeadbeef\",\"\"\"text\"\"\",\"{1,NULL}\",\"2026-11-29 08:00:00+00\") (4,k,,9007199254740993.5,,,,)");
    }

    [PostgresFact]
    public async Task What_the_table_does_not_take_is_said_and_nothing_is_stored()
    {
        await WriteAsync("CREATE TABLE sink (id int PRIMARY KEY, n int CHECK (n > 0), must text NOT NULL DEFAULT '', made int GENERATED ALWAYS AS (1) STORED, body bytea)");
        var (stream, batch) = await BeginAsync();
        foreach (var (verb, row, message) in new[]
        {
            (TableVerb.Upsert, """{"id": 1, "n": 0}""", "The table \"sink\" does not take record 2: new row for relation \"sink\" violates check constraint"),
            (TableVerb.Upsert, """{"id": 1, "must": null}""", "(column \"must\")"),
            (TableVerb.Upsert, """{"id": 1, "made": 2}""", "record 2"),
            (TableVerb.Upsert, """{"id": "x"}""", "invalid input syntax for type integer"),
            (TableVerb.Upsert, """{"id": 1, "none": 1}""", "has no column \"none\""),
            (TableVerb.Upsert, """{"n": 1}""", "lacks \"id\""),
            (TableVerb.Delete, """{"n": 1}""", "lacks \"id\""),
            (TableVerb.Upsert, """{"id": 1, "id": 1}""", "names \"id\" twice"),
            (TableVerb.Upsert, """{"id": 1, "n": [1]}""", "\"n\" takes no array"),
            (TableVerb.Upsert, """{"id": 1, "body": "?"}""", "no Base64"),
            (TableVerb.Upsert, """{"id": 1, "must": "a\u0000b"}""", "\"must\" cannot have the value"),
            (TableVerb.Add, """{"id": 1, "must": "x"}""", "record 2"),
        })
        {
            (await RefusedAsync(() => stream.CommitAsync(CommitOf(batch, Record(TableVerb.Upsert, """{"id": 1, "n": 1}"""), Record(verb, row)), default), "sink_failed")).Message.ShouldContain(message);
        }

        (await ReadAsync<long>("SELECT count(*) FROM sink")).ShouldBe(0);
        (await StatusAsync("p")).Position.ShouldBeNull();
        await stream.CommitAsync(CommitOf(batch, Record(TableVerb.Upsert, """{"id": 1, "n": 1}""")), default);
        (await ReadAsync<long>("SELECT count(*) FROM sink")).ShouldBe(1);
    }

    [PostgresFact]
    public async Task Sinks_take_each_change_exactly_once_however_often_streams_break()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        await WriteAsync("CREATE TABLE sink (id int PRIMARY KEY, n bigint)", "CREATE TABLE t (id int PRIMARY KEY, a int)");
        await Changes.PutAsync(Define("p", "t") with { MaxRows = 7, Snapshot = random.Next(2) == 0, Sink = new PipelineSink("sink", null, null) }, default);
        var next = 0;
        var batch = new ChangeBatch();
        async Task WriteSomeAsync()
        {
            for (var transactions = random.Next(4); transactions > 0; transactions--)
            {
                var rows = random.Next(1, 20);
                var end = random.Next(4) == 0 ? "ROLLBACK" : "COMMIT";
                await WriteAsync($"BEGIN; INSERT INTO t SELECT i, i % 5 FROM generate_series({next + 1}, {next + rows}) i; {end}");
                next += rows;
            }
        }

        for (var i = 0; i < 25; i++)
        {
            await WriteSomeAsync();
            var stream = await OpenAsync("p");
            for (var reads = random.Next(5); reads > 0; reads--)
            {
                // There is something to read for certain.
                await WriteAsync($"INSERT INTO t VALUES ({++next}, {next % 5})");
                await stream.ReadAsync(batch, 1 << 20, default);
                if (random.Next(4) > 0)
                {
                    var part = random.Next(1, batch.Count + 1);
                    await stream.CommitAsync(
                        new ChangeCommit(batch[part - 1], part, [.. EventsOf(batch).Take(part).Select(e => Record(TableVerb.Add, $$"""{"id": {{e["after"]!["a"]}}, "n": {{e["after"]!["id"]}}}"""))], [], 1), default);
                    if (part < batch.Count)
                    {
                        break;
                    }
                }
                else
                {
                    break;
                }
            }

            await CloseAsync();
        }

        await WriteAsync($"INSERT INTO t VALUES ({++next}, 9)");
        var last = await OpenAsync("p");
        while (!await ReadAsync<bool>("SELECT EXISTS (SELECT FROM sink WHERE id = 9)"))
        {
            await last.ReadAsync(batch, 1 << 20, default);
            await last.CommitAsync(CommitOf(batch, [.. EventsOf(batch).Select(e => Record(TableVerb.Add, $$"""{"id": {{e["after"]!["a"]}}, "n": {{e["after"]!["id"]}}}"""))]), default);
        }

        (await ReadAsync<string>("SELECT string_agg(id || ':' || n, ' ' ORDER BY id) FROM sink"))
            .ShouldBe(await ReadAsync<string>("SELECT string_agg(a || ':' || n, ' ' ORDER BY a) FROM (SELECT a, sum(id) AS n FROM t GROUP BY a) s"), $"seed {seed}");
    }

    [PostgresFact]
    public async Task What_events_say_makes_a_copy_the_same_as_the_tables()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        foreach (var name in new[] { "a", "b", "c" })
        {
            await WriteAsync($"CREATE TABLE {name} (id int PRIMARY KEY, v text)", $"INSERT INTO {name} SELECT i, 'first' FROM generate_series(1, 5) i");
        }

        await WriteAsync("ALTER TABLE b REPLICA IDENTITY FULL");
        await Changes.PutAsync(Define("p", "a", "b", "c") with { Snapshot = true, MaxRows = 10 }, default);
        var copy = new Dictionary<(string Table, int Id), string>();
        var batch = new ChangeBatch();
        var isDone = false;
        async Task ReadAllAsync(int restarts)
        {
            for (; restarts > 0 && !isDone; restarts--)
            {
                await using var stream = await OpenAsync("p");
                for (var reads = isDone ? 0 : random.Next(1, 8); reads > 0 && !isDone; reads--)
                {
                    await WriteAsync("UPDATE a SET v = v || '.' WHERE id = (SELECT max(id) FROM a)", "INSERT INTO a VALUES (0, 'tick') ON CONFLICT (id) DO UPDATE SET v = 'tock'");
                    await stream.ReadAsync(batch, 1 << 20, default);
                    foreach (var change in EventsOf(batch))
                    {
                        Apply(change);
                    }

                    await stream.CommitAsync(CommitOf(batch), default);
                }

                await CloseAsync();
            }
        }

        void Apply(JsonObject change)
        {
            var table = change["source"]!["table"]!.ToString();
            if ((string)change["op"]! == "t")
            {
                foreach (var key in copy.Keys.Where(key => key.Table == table).ToArray())
                {
                    copy.Remove(key);
                }
            }

            if (change["before"] is { } before)
            {
                copy.Remove((table, (int)before["id"]!)).ShouldBeTrue($"seed {seed}: {change}");
            }

            if (change["after"] is { } after)
            {
                copy[(table, (int)after["id"]!)] = (string)after["v"]!;
                isDone |= (string)after["v"]! == "the end";
            }
        }

        for (var round = 0; round < 12; round++)
        {
            for (var transactions = random.Next(1, 6); transactions > 0; transactions--)
            {
                var statements = Enumerable.Range(0, random.Next(1, 8)).Select(_ =>
                {
                    var table = "abc"[random.Next(3)];
                    var id = random.Next(20);
                    return random.Next(20) switch
                    {
                        0 => $"TRUNCATE {table}",
                        < 8 => $"INSERT INTO {table} VALUES ({id}, '{random.Next()}') ON CONFLICT DO NOTHING",
                        < 12 => $"UPDATE {table} SET v = v || '{random.Next(10)}' WHERE id >= {id}",
                        < 15 => $"UPDATE {table} SET id = {1_000 + (round * 100) + random.Next(100)} WHERE id = (SELECT min(id) FROM {table}) AND NOT EXISTS (SELECT FROM {table} WHERE id >= {1_000 + (round * 100)})",
                        _ => $"DELETE FROM {table} WHERE id % 7 = {id % 7}",
                    };
                });
                await WriteAsync($"BEGIN; {string.Join("; ", statements)}; {(random.Next(5) == 0 ? "ROLLBACK" : "COMMIT")}");
            }

            await ReadAllAsync(random.Next(3));
        }

        await WriteAsync("INSERT INTO c VALUES (-1, 'the end')");
        var last = await OpenAsync("p");
        while (!isDone)
        {
            await last.ReadAsync(batch, 1 << 20, default);
            foreach (var change in EventsOf(batch))
            {
                Apply(change);
            }

            await last.CommitAsync(CommitOf(batch), default);
        }

        foreach (var table in new[] { "a", "b", "c" })
        {
            string.Join(' ', copy.Where(row => row.Key.Table == table).OrderBy(row => row.Key.Id).Select(row => $"{row.Key.Id}={row.Value}"))
                .ShouldBe(await ReadAsync<string>($"SELECT coalesce(string_agg(id || '=' || v, ' ' ORDER BY id), '') FROM {table}"), $"seed {seed}");
        }
    }

    private async Task<(IChangeStream Stream, ChangeBatch Batch)> BeginAsync()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await Changes.PutAsync(Define("p", "t") with { Sink = new PipelineSink("sink", null, null) }, default);
        await WriteAsync("INSERT INTO t VALUES (1)");
        var stream = await OpenAsync("p");
        var batch = new ChangeBatch();
        await stream.ReadAsync(batch, 1 << 20, default);
        return (stream, batch);
    }
}
