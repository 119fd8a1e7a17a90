using System.Collections.Immutable;
using System.Text.Json.Nodes;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using static HeliosEdge.Sandbox.Tests.Sql.Changes.ChangeDatabase;

namespace HeliosEdge.Sandbox.Tests.Sql.Changes;

public sealed class StreamTests : IDisposable
{
    private readonly ChangeDatabase _database = new();

    public StreamTests() => _database.Run("CREATE TABLE t (id INTEGER PRIMARY KEY, a)");

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task Nothing_is_made_before_the_first_pipeline()
    {
        using var empty = new ChangeDatabase();
        (await empty.Changes.ListAsync(Soon)).ShouldBeEmpty();
        (await empty.Changes.TryOpenAsync("p", Soon)).ShouldBeNull();
        File.Exists(empty.File).ShouldBeFalse();
        (await _database.Changes.ListAsync(Soon)).ShouldBeEmpty();
        (await _database.Changes.TryOpenAsync("p", Soon)).ShouldBeNull();
        _database.Rows("SELECT name FROM sqlite_schema").ShouldBe("""[["t"]]""");
        foreach (var nothing in new Func<Task>[]
        {
            () => _database.Changes.DeleteAsync("p", Soon),
            () => _database.Changes.SwitchAsync("p", PipelineState.Paused, null, null, Soon),
            () => _database.Changes.ReplayAsync("p", "1", Soon),
            () => _database.Changes.DeadAsync("p", 0, 1, Soon),
            () => _database.Changes.SettleAsync("p", 1, [], Soon),
        })
        {
            (await Should.ThrowAsync<SandboxException>(nothing)).Code.ShouldBe(ErrorCodes.PipelineNotFound);
        }
    }

    [Fact]
    public async Task A_pipeline_has_one_stream_and_only_while_it_runs()
    {
        (await _database.Changes.PutAsync(Define(), Soon)).ShouldBeTrue();
        (await _database.StatusAsync()).IsTaken.ShouldBeFalse();
        var stream = await _database.OpenAsync();
        (await _database.StatusAsync()).IsTaken.ShouldBeTrue();
        (await _database.Changes.TryOpenAsync("p", Soon)).ShouldBeNull();
        await stream.DisposeAsync();

        var paused = await _database.Changes.SwitchAsync("p", PipelineState.Paused, "enough", null, Soon);
        (paused.State, paused.Reason, paused.Revision).ShouldBe((PipelineState.Paused, "enough", 2));
        (await _database.Changes.TryOpenAsync("p", Soon)).ShouldBeNull();
        (await _database.Changes.SwitchAsync("p", PipelineState.Running, null, 1, Soon)).State.ShouldBe(PipelineState.Paused);
        (await _database.Changes.SwitchAsync("p", PipelineState.Running, null, 2, Soon)).Revision.ShouldBe(3);
        await (await _database.OpenAsync()).DisposeAsync();
    }

    [Theory]
    [InlineData("put")]
    [InlineData("pause")]
    [InlineData("replay")]
    [InlineData("delete")]
    [InlineData("close")]
    public async Task A_stream_ends_when_its_pipeline_is_another(string how)
    {
        await _database.Changes.PutAsync(Define(), Soon);
        await using var stream = await _database.OpenAsync();
        _database.Run("INSERT INTO t VALUES (1, 1)");
        var batch = new ChangeBatch();
        await stream.ReadAsync(batch, AnyBytes, Soon);
        var waiting = stream.ReadAsync(new ChangeBatch(), AnyBytes, Soon);
        await (how switch
        {
            "put" => _database.Changes.PutAsync(Define(maxRows: 1), Soon),
            "pause" => _database.Changes.SwitchAsync("p", PipelineState.Paused, null, null, Soon),
            "replay" => _database.Changes.ReplayAsync("p", "0", Soon),
            "delete" => _database.Changes.DeleteAsync("p", Soon),
            _ => Task.Run(_database.Close),
        });

        await Should.ThrowAsync<PipelineEndedException>(() => waiting);
        if (how != "close")
        {
            await Should.ThrowAsync<PipelineEndedException>(() => stream.CommitAsync(Commit(batch), Soon));
            await Should.ThrowAsync<PipelineEndedException>(() => stream.NoteAsync("x", Soon));
        }
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        await _database.Changes.PutAsync(Define(), Soon);
        await using var stream = await _database.OpenAsync();
        using var cancellation = new CancellationTokenSource();
        var waiting = stream.ReadAsync(new ChangeBatch(), AnyBytes, cancellation.Token);
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task A_batch_has_as_many_changes_as_it_may_and_no_more()
    {
        await _database.Changes.PutAsync(Define(maxRows: 3, maxWaitMs: 600_000), Soon);
        await using var stream = await _database.OpenAsync();
        _database.Run("INSERT INTO t VALUES (1, 1), (2, 2)");
        var reading = TakeAsync(stream);
        _database.Run("INSERT INTO t VALUES (3, 3), (4, 4), (5, 5)");
        (await reading).Count.ShouldBe(3);

        // The change that goes beyond the bytes is the last one.
        var batch = new ChangeBatch();
        await stream.ReadAsync(batch, 1, Soon);
        Brief(EventsOf(batch)).ShouldBe(["""t c null {"id":4,"a":4}"""]);
        batch[0].Position.ShouldBe(new ChangePosition(4, 0));
    }

    [Fact]
    public async Task A_part_of_a_batch_can_be_delivered()
    {
        await _database.Changes.PutAsync(Define(), Soon);
        await using (var stream = await _database.OpenAsync())
        {
            _database.Run("INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)");
            var batch = new ChangeBatch();
            await stream.ReadAsync(batch, AnyBytes, Soon);
            await stream.CommitAsync(new ChangeCommit(batch[0], 1, [], [], 2.5), Soon);
            await Should.ThrowAsync<InvalidOperationException>(() => stream.CommitAsync(new ChangeCommit(batch[0], 1, [], [], 1), Soon));
            await stream.CommitAsync(new ChangeCommit(batch[1], 1, [], [], 2.5), Soon);
            batch.Events(1, 2).ToArray().ShouldNotBeEmpty();
        }

        var status = await _database.StatusAsync();
        (status.Position, status.Delivered, status.Rate, status.LagRows).ShouldBe(("2", 2, 2.5, 1));
        await using var next = await _database.OpenAsync();
        Brief(await TakeAsync(next)).ShouldBe(["""t c null {"id":3,"a":3}"""]);
    }

    [Fact]
    public async Task Others_changes_are_passed_over()
    {
        _database.Run("CREATE TABLE u (id INTEGER PRIMARY KEY)");
        await _database.Changes.PutAsync(Define(), Soon);
        await _database.Changes.PutAsync(Define("q", ["u"], snapshot: true), Soon);
        await using var stream = await _database.OpenAsync();
        var reading = TakeAsync(stream);
        for (var i = 0; i < 3; i++)
        {
            _database.Run($"WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 2500) INSERT INTO u SELECT n + {i * 2500} FROM s");
        }

        _database.Run("INSERT INTO t VALUES (1, 1)");
        Brief(await reading).ShouldBe(["""t c null {"id":1,"a":1}"""]);
        var status = await _database.StatusAsync();
        (status.LagRows, status.LagBytes, status.RetainedBytes).ShouldBe((0, 0, 0));
        var other = await _database.StatusAsync("q");
        other.LagRows.ShouldBe(7_500);
        other.LagBytes.ShouldBeGreaterThan(7_500 * 20);
        other.LagSeconds.ShouldBeGreaterThan(0);
        other.Position.ShouldBeNull();
    }

    [Fact]
    public async Task The_rows_that_are_there_come_first_and_are_as_they_were()
    {
        _database.Run("CREATE TABLE u (id INTEGER PRIMARY KEY)");
        _database.Run("INSERT INTO t VALUES (1, 1), (2, 2)");
        _database.Run("INSERT INTO u VALUES (7)");
        await _database.Changes.PutAsync(Define(tables: ["t", "u"], snapshot: true), Soon);
        await _database.Changes.PutAsync(Define("q"), Soon);
        _database.Run("UPDATE t SET a = 9 WHERE id = 1");

        await using var stream = await _database.OpenAsync();
        var events = await TakeAsync(stream);
        Brief(events).ShouldBe(
            ["""t r null {"id":1,"a":1}""", """t r null {"id":2,"a":2}""", """u r null {"id":7}""", """t u {"id":1,"a":1} {"id":1,"a":9}"""]);
        events.Select(item => item["source"]!["snapshot"]!.GetValue<string>()).ShouldBe(["true", "true", "last", "false"]);
        events[0].AsObject().ContainsKey("transaction").ShouldBeTrue();
        events[0]["transaction"].ShouldBeNull();
        await using var other = await _database.OpenAsync("q");
        Brief(await TakeAsync(other)).ShouldBe(["""t u {"id":1,"a":1} {"id":1,"a":9}"""]);
    }

    [Fact]
    public async Task A_snapshot_that_is_too_large_is_refused()
    {
        _database.Run("INSERT INTO t VALUES (1, hex(zeroblob(400000))), (2, hex(zeroblob(400000)))");
        var refused = await Should.ThrowAsync<SandboxException>(() => _database.Changes.PutAsync(Define(snapshot: true, maxRetainedMiB: 1), Soon));
        refused.Code.ShouldBe(ErrorCodes.InvalidParameter);
        refused.Message.ShouldContain("snapshot never");
        (await _database.Changes.ListAsync(Soon)).ShouldBeEmpty();
        _database.Rows("SELECT count(*) FROM sqlite_schema").ShouldBe("[[1]]");
        await _database.Changes.PutAsync(Define(snapshot: true, maxRetainedMiB: 2), Soon);
    }

    [Fact]
    public async Task A_restart_loses_and_repeats_nothing()
    {
        await _database.Changes.PutAsync(Define(snapshot: true), Soon);
        _database.Run("INSERT INTO t VALUES (1, 1), (2, 2)");
        await using (var stream = await _database.OpenAsync())
        {
            var batch = new ChangeBatch();
            await stream.ReadAsync(batch, AnyBytes, Soon);
            await stream.CommitAsync(new ChangeCommit(batch[0], 1, [], [], 1), Soon);
            await stream.NoteAsync("it rained", Soon);
            _database.Close();
        }

        _database.Run("INSERT INTO t VALUES (3, 3)");
        var status = await _database.StatusAsync();
        (status.LastError, status.Delivered, status.Position).ShouldBe(("it rained", 1, "1"));
        status.LastErrorAt.ShouldNotBeNull();
        await using var next = await _database.OpenAsync();
        Brief(await TakeAsync(next)).ShouldBe(["""t c null {"id":2,"a":2}""", """t c null {"id":3,"a":3}"""]);
    }

    [Fact]
    public async Task What_was_delivered_is_delivered_again_from_where_somebody_wants()
    {
        _database.Run("INSERT INTO t VALUES (1, 1)");
        await _database.Changes.PutAsync(Define(), Soon);
        _database.Run("INSERT INTO t VALUES (2, 2)");
        _database.Run("INSERT INTO t VALUES (3, 3)");
        await using (var stream = await _database.OpenAsync())
        {
            await TakeAsync(stream);
        }

        (await _database.Changes.ReplayAsync("p", "1", Soon)).LagRows.ShouldBe(1);
        await using (var stream = await _database.OpenAsync())
        {
            Brief(await TakeAsync(stream)).ShouldBe(["""t c null {"id":3,"a":3}"""]);
        }

        await _database.Changes.ReplayAsync("p", ISqlChanges.FromSnapshot, Soon);
        await using (var stream = await _database.OpenAsync())
        {
            Brief(await TakeAsync(stream)).ShouldBe(["""t r null {"id":1,"a":1}""", """t r null {"id":2,"a":2}""", """t r null {"id":3,"a":3}"""]);
        }

        foreach (var wrong in new[] { "", "-1", "x", "99", "1.0", " 1" })
        {
            (await Should.ThrowAsync<SandboxException>(() => _database.Changes.ReplayAsync("p", wrong, Soon))).Code.ShouldBe(ErrorCodes.InvalidParameter);
        }
    }

    [Fact]
    public async Task What_is_lost_comes_back_with_a_new_snapshot_only()
    {
        await _database.Changes.PutAsync(Define(), Soon);
        _database.Run("INSERT INTO t VALUES (1, 1), (2, 2)");
        (await _database.StatusAsync()).RetainedBytes.ShouldBeGreaterThan(0);
        var lost = await _database.Changes.SwitchAsync("p", PipelineState.Lost, "too much", null, Soon);
        (lost.State, lost.RetainedBytes).ShouldBe((PipelineState.Lost, 0));
        (await _database.Changes.SwitchAsync("p", PipelineState.Lost, "again", null, Soon)).Reason.ShouldBe("too much");
        (await _database.Changes.TryOpenAsync("p", Soon)).ShouldBeNull();
        _database.Run("INSERT INTO t VALUES (3, 3)");
        await _database.Changes.PutAsync(Define(), Soon);
        (await _database.StatusAsync()).State.ShouldBe(PipelineState.Lost);
        (await Should.ThrowAsync<SandboxException>(() => _database.Changes.ReplayAsync("p", "1", Soon))).Code.ShouldBe(ErrorCodes.PositionUnavailable);
        (await Should.ThrowAsync<SandboxException>(() => _database.Changes.SwitchAsync("p", PipelineState.Running, null, null, Soon))).Code.ShouldBe(ErrorCodes.PositionUnavailable);

        await _database.Changes.ReplayAsync("p", ISqlChanges.FromSnapshot, Soon);
        _database.Run("DELETE FROM t WHERE id = 1");
        await using var stream = await _database.OpenAsync();
        Brief(await TakeAsync(stream)).ShouldBe(
            ["""t r null {"id":1,"a":1}""", """t r null {"id":2,"a":2}""", """t r null {"id":3,"a":3}""", """t d {"id":1,"a":1} null"""]);
    }

    [Fact]
    public async Task What_is_delivered_is_held_for_some_time_only()
    {
        await _database.Changes.PutAsync(Define(maxRows: 100_000), Soon);
        const string Fill = "WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 9000) INSERT INTO t (a) SELECT n FROM s";
        _database.Run(Fill);
        _database.Run(Fill);
        await using (var stream = await _database.OpenAsync())
        {
            while ((await _database.StatusAsync()).LagRows > 0)
            {
                await TakeAsync(stream);
            }
        }

        await TrimmedAsync();

        // They are removed by the thousand.
        var refused = await Should.ThrowAsync<SandboxException>(() => _database.Changes.ReplayAsync("p", "6999", Soon));
        refused.Code.ShouldBe(ErrorCodes.PositionUnavailable);
        var oldest = long.Parse(refused.Message.Split(' ')[^1].TrimEnd('.'), System.Globalization.CultureInfo.InvariantCulture);
        oldest.ShouldBeInRange(7_000, 8_000);
        (await Should.ThrowAsync<SandboxException>(() => _database.Changes.ReplayAsync("p", $"{oldest - 1}", Soon))).Code.ShouldBe(ErrorCodes.PositionUnavailable);
        (await _database.Changes.ReplayAsync("p", $"{oldest}", Soon)).LagRows.ShouldBe(18_000 - oldest);
        (await _database.Changes.ReplayAsync("p", "8000", Soon)).LagRows.ShouldBe(10_000);

        // What a pipeline has not delivered is held, and no more once it is given up.
        await _database.Changes.PutAsync(Define("q"), Soon);
        await _database.Changes.SwitchAsync("p", PipelineState.Lost, null, null, Soon);
        await TrimmedAsync();
        _database.Run("INSERT INTO t VALUES (100000, 1)");
        await _database.Changes.DeleteAsync("p", Soon);
        await _database.Changes.DeleteAsync("q", Soon);
        await TrimmedAsync();
        Stored().ShouldBe((1, LoggedChange.Size));

        // The numbers go on from the last one.
        await _database.Changes.PutAsync(Define(), Soon);
        await using var next = await _database.OpenAsync();
        _database.Run("INSERT INTO t VALUES (200000, 1)");
        (await TakeAsync(next)).Single()["source"]!["seq"]!.GetValue<long>().ShouldBe(18_002);
    }

    [Fact]
    public async Task Of_large_changes_fewer_are_held()
    {
        await _database.Changes.PutAsync(Define(maxRows: 100_000), Soon);
        await using var stream = await _database.OpenAsync();
        for (var i = 0; i < 3; i++)
        {
            _database.Run("WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 1000) INSERT INTO t (a) SELECT hex(zeroblob(5000)) FROM s");
            while ((await _database.StatusAsync()).LagRows > 0)
            {
                await TakeAsync(stream);
            }
        }

        await TrimmedAsync();
        var (rows, bytes) = Stored();
        bytes.ShouldBeLessThanOrEqualTo(SqliteChangeLog.HeldBytes);
        rows.ShouldBeGreaterThan(1_500);
    }

    [Fact]
    public async Task Dead_changes_are_kept_up_to_a_bound_and_settled_one_by_one()
    {
        _database.Run("CREATE TABLE sink (k TEXT PRIMARY KEY, n)");
        await _database.Changes.PutAsync(Define(sink: "sink"), Soon);
        await using var stream = await _database.OpenAsync();
        var batch = await DieAsync(stream, 3);
        (await _database.StatusAsync()).Dead.ShouldBe(3);
        var dead = await _database.Changes.DeadAsync("p", 0, 2, Soon);
        dead.Select(change => (change.Id, change.Code, change.Message)).ShouldBe([(1, "trap", "no 0"), (2, "trap", "no 1")]);
        JsonNode.Parse(dead[0].Event.Span)!["op"]!.GetValue<string>().ShouldBe("c");
        (await _database.Changes.DeadAsync("p", 2, 10, Soon)).Single().Id.ShouldBe(3);

        (await Should.ThrowAsync<SandboxException>(() => _database.Changes.SettleAsync("p", 3, [Record(TableVerb.Upsert, """{"n":1}""")], Soon))).Code.ShouldBe(ErrorCodes.SinkFailed);
        (await _database.Changes.SettleAsync("p", 3, [Record(TableVerb.Upsert, """{"k":"a","n":1}""")], Soon)).ShouldBeTrue();
        (await _database.Changes.SettleAsync("p", 3, [Record(TableVerb.Upsert, """{"k":"b","n":1}""")], Soon)).ShouldBeFalse();
        _database.Rows("SELECT * FROM sink").ShouldBe("""[["a",1]]""");
        (await _database.StatusAsync()).Dead.ShouldBe(2);

        await DieAsync(stream, ISqlChanges.MaxDead - 2);
        (await _database.Changes.DeadAsync("p", 3, 1, Soon)).Single().Id.ShouldBe(4);
        var full = await Should.ThrowAsync<SandboxException>(() => DieAsync(stream, 1));
        (full.Code, full.Limit).ShouldBe((ErrorCodes.DeadChangesFull, ISqlChanges.MaxDead));
        (await _database.StatusAsync()).LagRows.ShouldBe(1);
    }

    [Fact]
    public async Task The_largest_change_can_be_dead()
    {
        await _database.Changes.PutAsync(Define(), Soon);
        await using var stream = await _database.OpenAsync();
        _database.Run("INSERT INTO t VALUES (1, hex(zeroblob(491000)))");
        var batch = new ChangeBatch();
        await stream.ReadAsync(batch, AnyBytes, Soon);
        await stream.NoteAsync(new string('e', 100_000), Soon);
        await stream.CommitAsync(new ChangeCommit(batch[0], 0, [], [new DeadChange(0, batch.Events(0, 1), "trap", new string('e', 100_000), DateTimeOffset.UtcNow)], 1), Soon);
        var dead = (await _database.Changes.DeadAsync("p", 0, 10, Soon)).Single();
        dead.Event.Length.ShouldBe(batch.Bytes);
        dead.Message.Length.ShouldBeLessThan(10_000);
    }

    [Theory]
    [InlineData("nothing", null)]
    [InlineData("v", null)]
    [InlineData("helios_changes", null)]
    [InlineData("sqlite_schema", null)]
    [InlineData("wide", null)]
    [InlineData("t", "nothing")]
    [InlineData("t", "v")]
    [InlineData("t", "keyless")]
    [InlineData("t", "T")]
    [InlineData("t", "helios_pipelines")]
    public async Task What_does_not_fit_is_refused(string table, string? sink)
    {
        _database.Run("CREATE VIEW v AS SELECT * FROM t");
        _database.Run("CREATE TABLE keyless (a)");
        _database.Run($"CREATE TABLE wide ({string.Join(", ", Enumerable.Range(0, 32).Select(i => $"c{i}"))})");
        var refused = await Should.ThrowAsync<SandboxException>(() => _database.Changes.PutAsync(Define(tables: [table], sink: sink), Soon));
        refused.Code.ShouldBe(ErrorCodes.InvalidParameter);
        refused.Message.ShouldContain(sink ?? table);
        _database.Rows("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'").ShouldBe("[[0]]");
    }

    [Fact]
    public async Task There_are_bounds_for_pipelines_and_their_tables()
    {
        for (var i = 0; i < 100; i++)
        {
            await _database.Changes.PutAsync(Define($"p{i}"), Soon);
        }

        (await Should.ThrowAsync<SandboxException>(() => _database.Changes.PutAsync(Define("more"), Soon))).Limit.ShouldBe(100);
        (await _database.Changes.PutAsync(Define("p99"), Soon)).ShouldBeFalse();
        (await Should.ThrowAsync<SandboxException>(() => _database.Changes.PutAsync(Define("p99", [.. Enumerable.Repeat("t", 65)]), Soon))).Limit.ShouldBe(64);
        (await _database.Changes.ListAsync(Soon)).Select(status => status.Definition.Name).ShouldBe(Enumerable.Range(0, 100).Select(i => $"p{i}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task One_in_place_of_another_keeps_the_position_and_captures_what_is_new()
    {
        _database.Run("CREATE TABLE u (id INTEGER PRIMARY KEY)");
        await _database.Changes.PutAsync(Define(), Soon);
        _database.Run("INSERT INTO t VALUES (1, 1)");
        _database.Run("INSERT INTO u VALUES (1)");
        (await _database.Changes.PutAsync(Define(tables: ["u", "t"], snapshot: true), Soon)).ShouldBeFalse();
        _database.Run("INSERT INTO u VALUES (2)");
        (await _database.Changes.PutAsync(Define(tables: ["t", "u"]), Soon)).ShouldBeFalse();
        await using var stream = await _database.OpenAsync();
        stream.Revision.ShouldBe(3);
        stream.Definition.Tables.ToArray().ShouldBe(["t", "u"]);
        Brief(await TakeAsync(stream)).ShouldBe(["""t c null {"id":1,"a":1}""", """u c null {"id":2}"""]);
    }

    private async Task<ChangeBatch> DieAsync(IChangeStream stream, int count)
    {
        _database.Run($"WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) INSERT INTO t (a) SELECT 1 FROM s");
        var all = new ChangeBatch();
        for (var left = count; left > 0; left -= all.Count)
        {
            await stream.ReadAsync(all, AnyBytes, Soon);
            var dead = Enumerable.Range(0, all.Count).Select(i => new DeadChange(0, all.Events(i, 1), "trap", $"no {i}", DateTimeOffset.UtcNow)).ToImmutableArray();
            await stream.CommitAsync(new ChangeCommit(all[all.Count - 1], 0, [], dead, 1), Soon);
        }

        return all;
    }

    private Task TrimmedAsync() => ((SqliteChanges)_database.Changes).Trimming.WaitAsync(Soon);

    private (long Rows, long Bytes) Stored()
    {
        using var file = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_database.File};Pooling=False");
        file.Open();
        using var command = file.CreateCommand();
        command.CommandText = "SELECT count(*), sum(length(data)) FROM helios_changes";
        using var row = command.ExecuteReader();
        row.Read();
        return (row.GetInt64(0), row.GetInt64(1));
    }
}
