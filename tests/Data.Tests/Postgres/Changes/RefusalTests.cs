using HeliosEdge.Data.Postgres;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.PgOutput;

namespace HeliosEdge.Data.Tests.Postgres.Changes;

/// <summary>What no pipeline is made for, and what there is to do about it.</summary>
public sealed class RefusalTests : PipelineTest
{
    [PostgresFact]
    public async Task Tables_that_cannot_be_captured_are_refused_and_nothing_is_made()
    {
        await WriteAsync(
            "CREATE TABLE t (id int PRIMARY KEY, v int)", "CREATE TABLE bare (id int)", "CREATE UNLOGGED TABLE fast (id int PRIMARY KEY)", "CREATE VIEW seen AS SELECT * FROM t",
            "CREATE MATERIALIZED VIEW kept AS SELECT * FROM t", "CREATE SEQUENCE numbers", "CREATE TABLE nothing (id int PRIMARY KEY)", "ALTER TABLE nothing REPLICA IDENTITY NOTHING",
            "CREATE TABLE parts (id int) PARTITION BY RANGE (id)", "ALTER TABLE parts REPLICA IDENTITY FULL", "CREATE TABLE low PARTITION OF parts FOR VALUES FROM (0) TO (10)");
        foreach (var (table, message) in new[]
        {
            ("none", "There is no table \"none\"."),
            ("", "There is no table \"\"."),
            ("a\0b", "There is no table"),
            ("bare", "ALTER TABLE \"public\".\"bare\" REPLICA IDENTITY FULL"),
            ("nothing", "has no replica identity"),
            ("fast", "unlogged"),
            ("parts", "The partition public.low of \"parts\" has no replica identity of its own"),
            ("seen", "is a view"),
            ("kept", "is a materialized view"),
            ("numbers", "is a sequence"),
            ("t_pkey", "is a index or type"),
            ("pg_catalog.pg_class", "of the server's own"),
        })
        {
            (await RefusedAsync(() => Changes.PutAsync(Define("p", table), default), "invalid_parameter")).Message.ShouldContain(message);
        }

        (await RefusedAsync(() => Changes.PutAsync(Define("p", "t", "public.t"), default), "invalid_parameter")).Message.ShouldContain("named twice");
        await RefusedAsync(() => Changes.PutAsync(Define("p"), default), "invalid_parameter");
        (await RefusedAsync(() => Changes.PutAsync(Define("p", [.. Enumerable.Repeat("t", 65)]), default), "invalid_parameter")).Limit.ShouldBe(64);
        (await ReadAsync<long>("SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_namespace WHERE nspname = 'helios_pipelines')")).ShouldBe(0);

        await WriteAsync("ALTER TABLE bare REPLICA IDENTITY FULL");
        await PutAsync("p", "bare");
        (await RefusedAsync(() => Changes.PutAsync(Define("q", "helios_pipelines.pipelines"), default), "invalid_parameter")).Message.ShouldContain("of HeliosEdge");
        await WriteAsync("INSERT INTO bare VALUES (1)", "UPDATE bare SET id = 2");
        await TakeAsync(await OpenAsync("p"), 2);
    }

    [PostgresFact]
    public async Task Sinks_that_cannot_take_changes_are_refused()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE bare (id int)", "CREATE TABLE judged (id int PRIMARY KEY)", "CREATE VIEW seen AS SELECT * FROM t");
        Test.Database.Triggers.Put(new("check", "judged", ["before_insert"], "f", null, []), Asking.Long);
        foreach (var (sink, message) in new[]
        {
            ("none", "There is no table"), ("bare", "no primary key"), ("t", "among the tables"), ("public.t", "among the tables"), ("judged", "triggers of HeliosEdge"), ("seen", "is a view"),
        })
        {
            (await RefusedAsync(() => Changes.PutAsync(Define("p", "t") with { Sink = new PipelineSink(sink, null, null) }, default), "invalid_parameter")).Message.ShouldContain(message);
        }
    }

    [PostgresFact]
    public async Task A_login_that_may_not_capture_is_told_what_it_lacks()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await SuperAsync($"ALTER ROLE {Login} NOREPLICATION");
        (await RefusedAsync(() => PutAsync("p", "t"), "capture_refused")).Message.ShouldContain($"ALTER ROLE {Login} REPLICATION");
        await SuperAsync($"ALTER ROLE {Login} REPLICATION");

        await SuperAsync("CREATE TABLE foreigners (id int PRIMARY KEY); GRANT ALL ON foreigners TO PUBLIC");
        (await RefusedAsync(() => PutAsync("p", "foreigners"), "capture_refused")).Message.ShouldContain("does not own \"foreigners\"");

        await SuperAsync($"CREATE ROLE {Login}_guest LOGIN REPLICATION");
        await using var guest = new PostgresSqlDatabase(TestDatabase.Setting("guest", new NpgsqlConnectionStringBuilder(Test.Settings.ConnectionString) { Username = $"{Login}_guest" }));
        (await RefusedAsync(() => guest.In(Region, new Judges()).Changes!.PutAsync(Define("p", "t"), default), "capture_refused")).Message.ShouldContain("GRANT CREATE ON DATABASE");
        await SuperAsync($"DROP TABLE foreigners; DROP ROLE {Login}_guest");
    }

    [PostgresFact]
    public async Task With_a_login_for_pipelines_that_of_functions_need_not_replicate()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await SuperAsync($"ALTER ROLE {Login} NOREPLICATION; CREATE ROLE {Login}_capture LOGIN REPLICATION; GRANT {Login} TO {Login}_capture");
        var capture = new NpgsqlConnectionStringBuilder(Test.Settings.ConnectionString) { Username = $"{Login}_capture" };
        await using (var database = new PostgresSqlDatabase(TestDatabase.Setting("test", Test.Settings) with { Capture = capture }))
        {
            var changes = database.In(Region, new Judges()).Changes!;
            await changes.PutAsync(Define("p", "t"), default);
            await WriteAsync("INSERT INTO t VALUES (1)");
            await TakeAsync(await OpenAsync("p", changes), 1);
            await CloseAsync();
            await changes.DeleteAsync("p", default);
        }

        await SuperAsync($"REASSIGN OWNED BY {Login}_capture TO {Login}; DROP OWNED BY {Login}_capture; DROP ROLE {Login}_capture");
    }

    [PostgresFact]
    public async Task Slots_that_are_taken_are_told_of()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await PutAsync("p", "t");
        var slot = await ReadAsync<string>("SELECT slot FROM helios_pipelines.pipelines");
        await Changes.DeleteAsync("p", default);
        await SuperAsync($"SELECT pg_create_physical_replication_slot('{slot}')");
        (await RefusedAsync(() => PutAsync("p", "t"), "capture_refused")).Message.ShouldContain($"The replication slot {slot}");
        await SuperAsync($"SELECT pg_drop_replication_slot('{slot}')");

        await SuperAsync("SELECT pg_create_physical_replication_slot('filler_' || i) FROM generate_series((SELECT count(*) FROM pg_replication_slots) + 1, current_setting('max_replication_slots')::int) i");
        try
        {
            (await RefusedAsync(() => PutAsync("p", "t"), "capture_refused")).Message.ShouldContain("max_replication_slots");
        }
        finally
        {
            await SuperAsync("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name LIKE 'filler_%'");
        }

        await PutAsync("p", "t");
        await using var log = new LogicalReplicationConnection(new NpgsqlConnectionStringBuilder(Test.Settings.ConnectionString) { ApplicationName = "somebody" }.ConnectionString);
        await log.Open();
        using var end = new CancellationTokenSource();
        await using var messages = log.StartReplication(
            new PgOutputReplicationSlot(slot), new PgOutputReplicationOptions(slot, PgOutputProtocolVersion.V1), end.Token)
            .GetAsyncEnumerator(end.Token);
        var reading = messages.MoveNextAsync().AsTask();
        await Eventually.HoldsAsync("somebody has the slot", () => ReadAsync<bool>("SELECT bool_or(active) FROM pg_replication_slots WHERE database = current_database()"));
        (await RefusedAsync(() => Changes.TryOpenAsync("p", default), "capture_refused")).Message.ShouldContain("in use by the session with pid");
        await end.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(reading);
    }

    [PostgresFact]
    public async Task A_database_has_so_many_pipelines()
    {
        await WriteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await PutAsync("p", "t");
        await WriteAsync(
            """
            INSERT INTO helios_pipelines.pipelines (region, name, definition, revision, state, slot, is_snapshot_due, is_made, floor, seen, seen_at, delivered, dead, rate)
            SELECT 'other', 'p' || i, definition, 1, 'paused', 's' || i, false, true, 0, 0, now(), 0, 0, 0 FROM helios_pipelines.pipelines, generate_series(1, 99) i
            """);
        (await RefusedAsync(() => PutAsync("q", "t"), "invalid_parameter")).Limit.ShouldBe(100);
        (await Changes.PutAsync(Define("p", "t") with { Function = "g" }, default)).ShouldBeFalse();
        (await StatusAsync("p")).Definition.Function.ShouldBe("g");
    }
}
