using System.Collections.Immutable;
using System.Text;
using HeliosEdge.Data.Postgres;
using HeliosEdge.Data.Postgres.Changes;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;

namespace HeliosEdge.Data.Tests.Postgres.Changes;

/// <summary>One silo has a pipeline, and goes on where the last one has stopped.</summary>
public sealed class StreamTests : PipelineTest
{
    [PostgresFact]
    public async Task A_large_transaction_comes_in_parts_and_goes_on_in_its_middle_after_a_restart()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE u (id int PRIMARY KEY)");
        await Changes.PutAsync(Define("p", "t", "u") with { MaxRows = 300, MaxWaitMs = 100 }, default);
        await WriteAsync("BEGIN; INSERT INTO t SELECT generate_series(1, 1000); TRUNCATE t, u; INSERT INTO u VALUES (7); COMMIT", "INSERT INTO u VALUES (8)");
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var batch = new ChangeBatch();
        List<string> told = [];
        while (told.Count < 1_004)
        {
            var stream = await OpenAsync("p");
            for (var isWhole = true; isWhole && told.Count < 1_004;)
            {
                await stream.ReadAsync(batch, 1 << 20, default);
                batch.Count.ShouldBeLessThanOrEqualTo(300);
                var part = random.Next(1, batch.Count + 1);
                told.AddRange(EventsOf(batch).Take(part).Select(e => $"{e["op"]} {e["source"]!["table"]} {e["after"]?["id"]} {e["transaction"]!["total_order"]} {e["transaction"]!["data_collection_order"]}"));
                await stream.CommitAsync(new ChangeCommit(batch[part - 1], part, [], [], 1), default);
                if (told.Count < 1_003)
                {
                    (await StatusAsync("p")).Position!.ShouldEndWith($":{told.Count}", customMessage: $"seed {seed}");
                }

                isWhole = part == batch.Count && random.Next(3) > 0;
            }

            await CloseAsync();
        }

        string[] expected = [.. Enumerable.Range(1, 1_000).Select(i => $"c t {i} {i} {i}"), "t t  1001 1001", "t u  1002 1", "c u 7 1003 2", "c u 8 1 1"];
        told.Zip(expected).FirstOrDefault(both => both.First != both.Second).ShouldBe(default, $"seed {seed}");
        told.Count.ShouldBe(expected.Length, $"seed {seed}");
    }

    [PostgresFact]
    public async Task A_second_silo_gets_nothing_until_the_session_of_the_first_ends()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await PutAsync("p", "t");
        await using var other = Test.Open();
        var there = other.In(Region, new Judges()).Changes!;
        var first = await OpenAsync("p");
        (await StatusAsync("p")).IsTaken.ShouldBeTrue();
        (await there.TryOpenAsync("p", default)).ShouldBeNull();
        await WriteAsync("INSERT INTO t VALUES (1)");
        await TakeAsync(first, 1);
        await WriteAsync("INSERT INTO t VALUES (2)");
        var batch = new ChangeBatch();
        await first.ReadAsync(batch, 1 << 20, default);

        await Test.AskAsync<long>($"SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = '{Test.Settings.Database}')");
        var second = await OpenAsync("p", there);

        // What the first has read is not delivered, and it cannot say so any more.
        await RefusedAsync(() => first.CommitAsync(CommitOf(batch), default), "unavailable");
        (await TakeAsync(second, 1))[0]["after"]!.ToJsonString().ShouldBe("""{"id":2}""");
        await first.DisposeAsync();
        await second.DisposeAsync();
        (await StatusAsync("p")).Delivered.ShouldBe(2);
    }

    [PostgresFact]
    public async Task Streams_end_when_their_pipeline_is_changed_paused_or_removed()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE u (id int PRIMARY KEY)");
        await PutAsync("p", "t");
        var batch = new ChangeBatch();

        // One that waits.
        var stream = await OpenAsync("p");
        var reading = stream.ReadAsync(batch, 1 << 20, default);
        (await Changes.PutAsync(Define("p", "u", "t"), default)).ShouldBeFalse();
        await Should.ThrowAsync<PipelineEndedException>(reading);
        await CloseAsync();

        // One that has something to commit, which comes again.
        await WriteAsync("INSERT INTO u VALUES (1)");
        stream = await OpenAsync("p");
        stream.Revision.ShouldBe(2);
        await stream.ReadAsync(batch, 1 << 20, default);
        (await Changes.SwitchAsync("p", PipelineState.Paused, "Lunch.", null, default)).Reason.ShouldBe("Lunch.");
        await Should.ThrowAsync<PipelineEndedException>(() => stream.CommitAsync(CommitOf(batch), default));
        await Should.ThrowAsync<PipelineEndedException>(() => stream.NoteAsync("x", default));
        await CloseAsync();
        (await Changes.TryOpenAsync("p", default)).ShouldBeNull();
        (await Changes.SwitchAsync("p", PipelineState.Failed, "late", 2, default)).State.ShouldBe(PipelineState.Paused);
        (await Changes.SwitchAsync("p", PipelineState.Running, null, null, default)).State.ShouldBe(PipelineState.Running);

        stream = await OpenAsync("p");
        (await TakeAsync(stream, 1))[0]["source"]!["table"]!.ToString().ShouldBe("u");
        await stream.NoteAsync("It went wrong.", default);
        var status = await StatusAsync("p");
        (status.LastError, status.LastErrorAt is null, status.Revision).ShouldBe(("It went wrong.", false, 4));
        await Changes.DeleteAsync("p", default);
        await Should.ThrowAsync<Exception>(() => stream.ReadAsync(batch, 1 << 20, default));
        await RefusedAsync(() => Changes.DeleteAsync("p", default), "pipeline_not_found");
        (await ReadAsync<long>("SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_replication_slots WHERE database = current_database())")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task A_wait_that_ends_leaves_the_pipeline_to_the_next()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await PutAsync("p", "t");
        var stream = await OpenAsync("p");
        using var end = new CancellationTokenSource();
        var reading = stream.ReadAsync(new ChangeBatch(), 1 << 20, end.Token);
        await end.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(reading);
        await CloseAsync();
        await WriteAsync("INSERT INTO t VALUES (1)");
        await TakeAsync(await OpenAsync("p"), 1);
    }

    [PostgresFact]
    public async Task Batches_end_at_their_bytes()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY, body text)");
        await PutAsync("p", "t");
        await WriteAsync("INSERT INTO t SELECT i, repeat('x', 10000) FROM generate_series(1, 20) i");
        var stream = await OpenAsync("p");
        var batch = new ChangeBatch();
        for (var count = 0; count < 20; count += batch.Count)
        {
            await stream.ReadAsync(batch, 25_000, default);
            batch.Count.ShouldBeLessThanOrEqualTo(3);
        }
    }

    [PostgresFact]
    public async Task Changes_of_other_tables_are_let_go_of_and_an_idle_pipeline_is_not_late()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE other (body text)");
        await PutAsync("p", "t");
        var stream = await OpenAsync("p");
        await WriteAsync("INSERT INTO t VALUES (1)");
        await TakeAsync(stream, 1);
        var position = (await StatusAsync("p")).Position!;
        using var end = new CancellationTokenSource();
        var reading = stream.ReadAsync(new ChangeBatch(), 1 << 20, end.Token);

        await WriteAsync("INSERT INTO other SELECT repeat(md5(i::text), 30) FROM generate_series(1, 40000) i");
        var written = await ReadAsync<long>("SELECT (pg_current_wal_lsn() - '0/0')::int8");
        await Eventually.HoldsAsync(
            "the server is told that the log is not needed",
            async () => await ReadAsync<long>("SELECT (confirmed_flush_lsn - '0/0')::int8 FROM pg_replication_slots WHERE database = current_database()") >= written - PostgresChangeStream.HeldBack - PostgresChangeStream.SeenStep);

        // Other tests write to the server's log meanwhile.
        await Eventually.HoldsAsync("it is as far as the log", async () => await StatusAsync("p") is { LagSeconds: 0, LagBytes: < 1 << 20 });
        var status = await StatusAsync("p");
        (status.IsTaken, status.LagRows).ShouldBe((true, null));
        var refused = await RefusedAsync(() => Changes.ReplayAsync("p", position, default), "position_unavailable");
        refused.Message.ShouldContain("the oldest position is ");
        (await Changes.ReplayAsync("p", refused.Message.Split("the oldest position is ")[1].TrimEnd('.'), default)).State.ShouldBe(PipelineState.Running);
        await Should.ThrowAsync<PipelineEndedException>(reading);
    }

    [PostgresFact]
    public async Task Words_of_a_guest_that_no_database_takes_do_not_hold_the_pipeline_up()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await PutAsync("p", "t");
        await WriteAsync("INSERT INTO t VALUES (1)");
        var stream = await OpenAsync("p");
        var batch = new ChangeBatch();
        await stream.ReadAsync(batch, 1 << 20, default);
        var message = new string('x', 8_191) + "\ud83d\ude00 \0 and more";

        await stream.NoteAsync("\ud83d alone", default);
        await stream.CommitAsync(new ChangeCommit(batch[0], 0, [], [new DeadChange(0, batch.Events(0, 1).ToArray(), "trap", message, DateTimeOffset.UtcNow)], 0), default);

        (await StatusAsync("p")).LastError.ShouldBe("\ufffd alone");
        (await Changes.DeadAsync("p", 0, 10, default)).ShouldHaveSingleItem().Message.ShouldBe(new string('x', 8_191) + "\ufffd…");
    }

    [PostgresFact]
    public async Task Dead_changes_are_kept_bounded_and_settled()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE sink (id int PRIMARY KEY, n int)");
        await Changes.PutAsync(Define("p", "t") with { Sink = new PipelineSink("sink", null, null) }, default);
        var stream = await OpenAsync("p");
        await WriteAsync("INSERT INTO t VALUES (1), (2)");
        var batch = new ChangeBatch();
        await stream.ReadAsync(batch, 1 << 20, default);
        var at = DateTimeOffset.UnixEpoch;
        await stream.CommitAsync(
            new ChangeCommit(batch[^1], 0, [], [new DeadChange(0, Encoding.UTF8.GetBytes("""{"a":1}"""), "trap", "one", at), new DeadChange(0, Encoding.UTF8.GetBytes("""{"a":2}"""), "trap", "two\0", at)], 1), default);
        var dead = await Changes.DeadAsync("p", 0, 10, default);
        dead.Select(change => $"{Encoding.UTF8.GetString(change.Event.Span)} {change.Code} {change.Message} {change.At:O}").ShouldBe([
            """{"a":1} trap one 1970-01-01T00:00:00.0000000+00:00""", """{"a":2} trap two� 1970-01-01T00:00:00.0000000+00:00""",
        ]);
        (await Changes.DeadAsync("p", dead[0].Id, 10, default)).Select(change => change.Id).ShouldBe([dead[1].Id]);
        (await StatusAsync("p")).Dead.ShouldBe(2);

        await RefusedAsync(() => Changes.SettleAsync("p", dead[0].Id, [Record(TableVerb.Upsert, """{"id": 1, "n": "x"}""")], default), "sink_failed");
        (await Changes.SettleAsync("p", dead[0].Id, [Record(TableVerb.Upsert, """{"id": 1, "n": 5}""")], default)).ShouldBeTrue();
        (await Changes.SettleAsync("p", dead[0].Id, [], default)).ShouldBeFalse();
        ((await StatusAsync("p")).Dead, await ReadAsync<int>("SELECT n FROM sink")).ShouldBe((1, 5));

        await WriteAsync("INSERT INTO t VALUES (3)");
        await stream.ReadAsync(batch, 1 << 20, default);
        ImmutableArray<DeadChange> many = [.. Enumerable.Repeat(new DeadChange(0, Encoding.UTF8.GetBytes("{}"), "trap", "m", at), ISqlChanges.MaxDead - 1)];
        await RefusedAsync(() => stream.CommitAsync(new ChangeCommit(batch[^1], 0, [], [.. many, many[0]], 1), default), "dead_changes_full");
        await stream.CommitAsync(new ChangeCommit(batch[^1], 0, [], many, 1), default);
        (await StatusAsync("p")).Dead.ShouldBe(ISqlChanges.MaxDead);
        await RefusedAsync(() => Changes.DeadAsync("none", 0, 1, default), "pipeline_not_found");
    }

    [PostgresFact]
    public async Task A_replay_delivers_again_from_a_position_or_from_a_snapshot()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await PutAsync("p", "t");
        var stream = await OpenAsync("p");
        await WriteAsync("INSERT INTO t VALUES (1)");
        await TakeAsync(stream, 1);

        // Where the server is slow to say that the transaction ends there, it is a place in it.
        var position = (await StatusAsync("p")).Position!.Split(':')[0];
        await WriteAsync("INSERT INTO t VALUES (2)", "DELETE FROM t WHERE id = 1");
        await TakeAsync(stream, 2);

        var status = await Changes.ReplayAsync("p", position, default);
        (status.Position, status.Revision).ShouldBe((position, 2));
        await CloseAsync();
        stream = await OpenAsync("p");
        (await TakeAsync(stream, 2)).Select(e => (string)e["op"]!).ShouldBe(["c", "d"]);

        await Changes.ReplayAsync("p", $"{position}:0", default);
        await CloseAsync();
        stream = await OpenAsync("p");
        (await TakeAsync(stream, 3)).Select(e => (string)e["op"]!).ShouldBe(["c", "c", "d"]);

        (await Changes.ReplayAsync("p", ISqlChanges.FromSnapshot, default)).Position.ShouldBeNull();
        await CloseAsync();
        stream = await OpenAsync("p");
        (await TakeAsync(stream, 1)).Select(e => $"{e["op"]} {e["after"]!["id"]}").ShouldBe(["r 2"]);
        await RefusedAsync(() => Changes.ReplayAsync("p", position, default), "position_unavailable");
        foreach (var wrong in new[] { "", "x", "0/1:", "0/1:-1", "1", "0/1/2", "0/123456789", "FFFFFFFF/0", "7FFFFFFF/0" })
        {
            await RefusedAsync(() => Changes.ReplayAsync("p", wrong, default), "invalid_parameter");
        }
    }

    [PostgresFact]
    public async Task A_pipeline_whose_slot_is_gone_is_lost_until_a_new_snapshot()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        await PutAsync("p", "t");
        await PutAsync("q", "t");
        var slot = await ReadAsync<string>("SELECT slot FROM helios_pipelines.pipelines WHERE name = 'p'");
        await WriteAsync($"SELECT pg_drop_replication_slot('{slot}')");
        (await StatusAsync("p")).State.ShouldBe(PipelineState.Lost);
        (await Changes.TryOpenAsync("p", default)).ShouldBeNull();
        var status = await StatusAsync("p");
        (status.State, status.Reason, status.Revision).ShouldBe((PipelineState.Lost, $"Somebody has dropped its replication slot {slot}.", 2));
        await RefusedAsync(() => Changes.SwitchAsync("p", PipelineState.Running, null, null, default), "position_unavailable");
        await RefusedAsync(() => Changes.ReplayAsync("p", "0/1", default), "position_unavailable");
        (await Changes.PutAsync(Define("p", "t"), default)).ShouldBeFalse();
        (await StatusAsync("p")).State.ShouldBe(PipelineState.Lost);

        (await Changes.ReplayAsync("p", ISqlChanges.FromSnapshot, default)).State.ShouldBe(PipelineState.Running);
        (await TakeAsync(await OpenAsync("p"), 1))[0]["op"]!.ToString().ShouldBe("r");

        // Given up while it runs.
        var stream = await OpenAsync("q");
        var reading = stream.ReadAsync(new ChangeBatch(), 1 << 20, default);
        (await Changes.SwitchAsync("q", PipelineState.Lost, "It held too much.", null, default)).RetainedBytes.ShouldBe(0);
        await Should.ThrowAsync<Exception>(reading);
        (await Changes.TryOpenAsync("q", default)).ShouldBeNull();
        (await ReadAsync<long>("SELECT count(*) FROM pg_replication_slots WHERE database = current_database()")).ShouldBe(1);
    }

    [PostgresFact]
    public async Task Regions_have_pipelines_of_their_own_and_a_database_without_any_is_left_as_it_is()
    {
        (await Changes.ListAsync(default)).ShouldBeEmpty();
        (await Changes.TryOpenAsync("p", default)).ShouldBeNull();
        await RefusedAsync(() => Changes.SwitchAsync("p", PipelineState.Paused, null, null, default), "pipeline_not_found");
        (await ReadAsync<bool>("SELECT to_regnamespace('helios_pipelines') IS NULL")).ShouldBeTrue();
        ((PostgresSqlDatabase)Test.Database).Changes.ShouldBeNull();

        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        var us = Test.Database.In("us", new Judges()).Changes!;
        (await Changes.PutAsync(Define("p", "t"), default), await us.PutAsync(Define("p", "t"), default), await us.PutAsync(Define("p", "t"), default)).ShouldBe((true, true, false));
        await PutAsync("a-much-longer-name-than-a-slot-of-the-server-has-room-for", "t");
        await WriteAsync("INSERT INTO t VALUES (1)");
        await TakeAsync(await OpenAsync("p"), 1);
        await TakeAsync(await OpenAsync("p", us), 1);
        (await Changes.ListAsync(default)).Select(status => status.Definition.Name).ShouldBe(["a-much-longer-name-than-a-slot-of-the-server-has-room-for", "p"]);
        (await us.ListAsync(default)).Select(status => status.Definition).Single().Tables.ShouldBe(["t"]);
        await CloseAsync();
        await us.DeleteAsync("p", default);
    }
}
