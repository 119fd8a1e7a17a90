using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using Npgsql;

namespace HeliosEdge.Data.Tests.Postgres.Changes;

/// <summary>The rows that are there first, and then what changes.</summary>
public sealed class SnapshotTests : PipelineTest
{
    [PostgresFact]
    public async Task Rows_and_then_changes_come_without_loss_or_repetition_while_others_write()
    {
        const int Before = 2_000;
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY, a int)", $"INSERT INTO t SELECT i, 0 FROM generate_series(1, {Before}) i");
        await Changes.PutAsync(Define("p", "t") with { Snapshot = true }, default);

        // Writers go on before, during and after.
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(1, 3).Select(writer => Task.Run(async () =>
        {
            await using var connection = await ConnectAsync();
            var written = 0;
            for (; !stop.IsCancellationRequested; written++)
            {
                var id = (writer * 1_000_000) + written;
                await using var command = new NpgsqlCommand($"INSERT INTO t VALUES ({id}, 0); UPDATE t SET a = a + 1 WHERE id IN ({(written % Before) + 1}, {id}); DELETE FROM t WHERE id = {id - 2}", connection);
                await command.ExecuteNonQueryAsync();
            }

            return written;
        })).ToArray();

        var stream = await OpenAsync("p");
        var rows = new Dictionary<int, int>();
        var batch = new ChangeBatch();
        var deletes = 0;
        async Task ApplyAsync()
        {
            await stream.ReadAsync(batch, 1 << 20, default);
            foreach (var change in EventsOf(batch))
            {
                switch ((string)change["op"]!)
                {
                    case "r" or "c":
                        rows.Add((int)change["after"]!["id"]!, (int)change["after"]!["a"]!);
                        break;
                    case "u":
                        var (id, a) = ((int)change["after"]!["id"]!, (int)change["after"]!["a"]!);
                        a.ShouldBe(rows[id] + 1);
                        rows[id] = a;
                        break;
                    default:
                        rows.Remove((int)change["before"]!["id"]!).ShouldBeTrue();
                        deletes++;
                        break;
                }
            }

            await stream.CommitAsync(CommitOf(batch), default);
        }

        while (deletes < 100)
        {
            await ApplyAsync();
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await WriteAsync("INSERT INTO t VALUES (-1, 0)");
        while (!rows.ContainsKey(-1))
        {
            await ApplyAsync();
        }

        (rows.Count, (long)rows.Values.Sum()).ShouldBe(((int)await ReadAsync<long>("SELECT count(*) FROM t"), await ReadAsync<long>("SELECT sum(a) FROM t")));
    }

    [PostgresFact]
    public async Task A_snapshot_that_does_not_come_to_its_end_begins_anew_and_leaves_nothing_in_the_sink()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 10)", "CREATE TABLE sink (id int PRIMARY KEY, n int)");
        await Changes.PutAsync(Define("p", "t") with { Snapshot = true, MaxRows = 4, Sink = new PipelineSink("sink", null, null) }, default);
        var batch = new ChangeBatch();
        async Task ReadSinkAsync(IChangeStream stream)
        {
            await stream.ReadAsync(batch, 1 << 20, default);
            await stream.CommitAsync(CommitOf(batch, [.. EventsOf(batch).Select(e => Record(TableVerb.Add, $$"""{"id": {{e["after"]!["id"]}}, "n": 1}"""))]), default);
        }

        var first = await OpenAsync("p");
        await ReadSinkAsync(first);
        await ReadSinkAsync(first);
        (await ReadAsync<long>("SELECT count(*) FROM sink")).ShouldBe(0);
        await CloseAsync();

        await WriteAsync("INSERT INTO t VALUES (11)", "DELETE FROM t WHERE id = 1");
        var second = await OpenAsync("p");
        await WriteAsync("INSERT INTO t VALUES (12)");
        await ReadSinkAsync(second);

        // A record that is not taken is no end of it.
        await second.ReadAsync(batch, 1 << 20, default);
        await RefusedAsync(() => second.CommitAsync(CommitOf(batch, Record(TableVerb.Upsert, """{"id": 5, "n": "x"}""")), default), "sink_failed");
        await second.CommitAsync(CommitOf(batch, [.. EventsOf(batch).Select(e => Record(TableVerb.Add, $$"""{"id": {{e["after"]!["id"]}}, "n": 1}"""))]), default);
        (await StatusAsync("p")).Position.ShouldBeNull();
        await ReadSinkAsync(second);
        (await ReadAsync<long>("SELECT count(*) FROM sink WHERE n = 1")).ShouldBe(10);
        (await StatusAsync("p")).Position.ShouldNotBeNull();
        await ReadSinkAsync(second);
        (await ReadAsync<string>("SELECT string_agg(id || ':' || n, ',' ORDER BY id) FROM sink")).ShouldBe("2:1,3:1,4:1,5:1,6:1,7:1,8:1,9:1,10:1,11:1,12:1");
        (await StatusAsync("p")).Delivered.ShouldBe(11);
    }

    [PostgresFact]
    public async Task Empty_tables_need_no_delivery_and_a_snapshot_is_not_taken_again()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE u (id int PRIMARY KEY)");
        await Changes.PutAsync(Define("p", "t", "u") with { Snapshot = true }, default);
        var stream = await OpenAsync("p");
        await WriteAsync("INSERT INTO u VALUES (1)");
        ((string?)(await TakeAsync(stream, 1))[0]["op"]).ShouldBe("c");
        await CloseAsync();
        await WriteAsync("INSERT INTO t VALUES (2)");
        (await TakeAsync(await OpenAsync("p"), 1))[0]["after"]!["id"]!.ToString().ShouldBe("2");
    }

    [PostgresFact]
    public async Task A_table_that_is_gone_before_its_snapshot_is_told_of_and_no_slot_stays()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await Changes.PutAsync(Define("p", "t") with { Snapshot = true }, default);
        await WriteAsync("DROP TABLE t");
        (await RefusedAsync(() => Changes.TryOpenAsync("p", default), "capture_refused")).Message.ShouldBe("The snapshot cannot be taken: There is no table \"t\".");
        (await ReadAsync<long>("SELECT count(*) FROM pg_replication_slots WHERE database = current_database()")).ShouldBe(0);
    }
}
