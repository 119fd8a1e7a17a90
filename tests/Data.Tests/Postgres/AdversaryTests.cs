using HeliosEdge.Data.Postgres;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Settings;
using Npgsql;
using static HeliosEdge.Data.Tests.Postgres.Asking;

namespace HeliosEdge.Data.Tests.Postgres;

/// <summary>What a function may try; each with a pool of one connection, which the next statement gets.</summary>
public sealed class AdversaryTests(TestDatabase test) : IClassFixture<TestDatabase>
{
    private const string Session = "SELECT pg_backend_pid()";

    [PostgresTheory]
    [InlineData("SELECT set_config('search_path', 'evil', false)", "SELECT current_setting('search_path')")]
    [InlineData("SELECT set_config('TimeZone', 'Asia/Tokyo', false)", "SELECT current_setting('TimeZone')")]
    [InlineData("SELECT set_config('statement_timeout', '1', false)", "SELECT reset_val FROM pg_settings WHERE name = 'statement_timeout'")]
    [InlineData("SELECT set_config('bytea_output', 'escape', false)", "SELECT '\\x01'::bytea")]
    [InlineData("SELECT set_config('my.own', 'secret', false)", "SELECT coalesce(current_setting('my.own', true), '')")]
    [InlineData("CREATE TEMP TABLE pg_temp_one (id int)", "SELECT to_regclass('pg_temp_one')")]
    [InlineData("SELECT setseed(0.5)", "SELECT 1")]
    public async Task No_state_of_a_session_reaches_the_next_one(string attack, string question)
    {
        await using var database = test.Open(new PostgresLimits(Connections: 1));
        var before = database.Value(question);
        var session = database.Value(Session);
        database.Write(attack);
        using (var transaction = database.Begin(ForWriting))
        {
            transaction.Write(attack);
            transaction.Commit(Long).ShouldBeNull();
        }

        database.Value(question).ShouldBe(before);
        database.Value(Session).ShouldBe(session);
    }

    [PostgresFact]
    public async Task A_role_that_was_taken_does_not_reach_the_next_one()
    {
        var role = test.Settings.Username + "_other";
        await test.AskAsync<object>($"CREATE ROLE {role}; GRANT {role} TO {test.Settings.Username}; SELECT 1");
        await using var database = test.Open(new PostgresLimits(Connections: 1));
        database.Write($"SELECT set_config('role', '{role}', false)");
        database.Value("SELECT current_user").ShouldBe($"\"{test.Settings.Username}\"");
    }

    [PostgresTheory]
    [InlineData("SELECT pg_advisory_lock(7)", true)]
    [InlineData("SELECT 1 FROM (SELECT pg_advisory_lock(7)) l, (SELECT 1 / (random() * 0)::int) x", true)]
    [InlineData("SELECT pg_advisory_lock(7)", false)]
    public async Task Advisory_locks_end_with_the_statement_or_the_transaction(string sql, bool isAlone)
    {
        await using var database = test.Open(new PostgresLimits(Connections: 1));
        if (isAlone)
        {
            database.Run(Reading(sql), Long);
            database.Run(Writing(sql), Long);
        }
        else
        {
            using var transaction = database.Begin(ForWriting);
            transaction.Write(sql);
            (await LocksAsync()).ShouldBe(1);
        }

        (await LocksAsync()).ShouldBe(0);
        Task<long> LocksAsync() => test.AskAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
    }

    [PostgresFact]
    public async Task A_statement_is_cancelled_at_the_server_when_nobody_waits_any_more()
    {
        await using var database = test.Open(new PostgresLimits(Connections: 1));
        using var cancellation = new CancellationTokenSource();
        var running = Task.Run(() => database.Run(Reading("SELECT pg_sleep(600) /* cancelled */"), SqlPatience.For(TimeSpan.FromMinutes(5), cancellation.Token)));
        await Eventually.HoldsAsync("the statement runs", async () => await RunningAsync("cancelled") == 1);
        await cancellation.CancelAsync();
        var error = (await running).Error.ShouldNotBeNull();
        (error.Outcome, error.State).ShouldBe((SqlOutcome.Cancelled, "57014"));
        (await RunningAsync("cancelled")).ShouldBe(0);
        database.Value("SELECT 1").ShouldBe("1");
    }

    [PostgresTheory]
    [InlineData("SELECT pg_sleep(600)", false)]
    [InlineData("SELECT pg_sleep(600)", true)]
    [InlineData("SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b, (SELECT set_config('statement_timeout', '0', false)) c", false)]
    public async Task A_statement_ends_at_its_deadline(string sql, bool isWithin)
    {
        await using var database = test.Open(new PostgresLimits(Connections: 1));
        var patience = SqlPatience.For(TimeSpan.FromMilliseconds(500), CancellationToken.None);
        if (isWithin)
        {
            using var transaction = database.Begin(ForWriting);
            transaction.Save(Long).ShouldBeNull();
            transaction.Run(Reading(sql), patience).Outcome.ShouldBe(SqlOutcome.Cancelled);
            transaction.Undo(Long)!.Outcome.ShouldBe(SqlOutcome.Cancelled);
        }
        else
        {
            database.Run(Reading(sql), patience).Outcome.ShouldBe(SqlOutcome.Cancelled);
        }

        database.Value("SELECT 1").ShouldBe("1");
        (await RunningAsync("pg_sleep")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task A_statement_that_does_not_end_when_cancelled_is_ended_with_its_session()
    {
        await test.AskAsync<object>(
            """
            CREATE OR REPLACE FUNCTION stubborn() RETURNS void LANGUAGE plpgsql AS $$
            BEGIN
                LOOP
                    BEGIN
                        PERFORM pg_sleep(600);
                    EXCEPTION WHEN query_canceled THEN
                    END;
                END LOOP;
            END $$;
            SELECT 1
            """);
        await using var database = test.Open(new PostgresLimits(Connections: 1));
        database.Run(Reading("SELECT stubborn()"), SqlPatience.For(TimeSpan.FromMilliseconds(500), CancellationToken.None)).Outcome.ShouldBe(SqlOutcome.Cancelled);
        database.Value("SELECT 1").ShouldBe("1");
        (await RunningAsync("stubborn()")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task A_value_that_is_far_too_large_is_not_even_received()
    {
        await using var relay = new Relay(test.Settings.Port);
        var settings = new NpgsqlConnectionStringBuilder(test.Settings.ConnectionString) { Port = relay.Port };
        await using (var database = new PostgresSqlDatabase(TestDatabase.Setting("huge", settings), new PostgresLimits(Connections: 1)))
        {
            database.Refuse(Reading("SELECT repeat('x', 100000000)")).Message.ShouldBe("The result has more than 1048576 bytes.");
            using (var transaction = database.Begin(ForWriting))
            {
                transaction.Save(Long).ShouldBeNull();
                transaction.Refuse(Reading("SELECT repeat('x', 100000000)")).State.ShouldBe("54000");
                transaction.Undo(Long)!.State.ShouldBe("54000");
            }

            database.Value("SELECT 1").ShouldBe("1");
        }

        relay.FromServer.ShouldBeLessThan(50_000_000);
    }

    [PostgresFact]
    public async Task A_login_that_could_reach_beyond_its_database_is_refused()
    {
        await RefusedAsync("helios");
        foreach (var right in new[] { "pg_read_server_files", "pg_write_server_files", "pg_execute_server_program" })
        {
            var role = $"{test.Settings.Username}_{right}";
            await test.AskAsync<object>($"CREATE ROLE {role} LOGIN NOINHERIT IN ROLE {right}; SELECT 1");
            await RefusedAsync(role);
        }

        await test.AskAsync<object>($"CREATE ROLE {test.Settings.Username}_maker LOGIN CREATEROLE; SELECT 1");
        await RefusedAsync($"{test.Settings.Username}_maker");

        async Task RefusedAsync(string role)
        {
            var settings = new NpgsqlConnectionStringBuilder(test.Settings.ConnectionString) { Username = role };
            await using var database = new PostgresSqlDatabase(TestDatabase.Setting("refused", settings));
            var error = database.Refuse(Reading("SELECT 1"));
            (error.Outcome, error.State).ShouldBe((SqlOutcome.Failed, "42501"));
            error.Message.ShouldContain("Give it a role of its own: CREATE ROLE");
            database.TryBegin(ForReading, Long, out _, out var begin).ShouldBeFalse();
            begin!.State.ShouldBe("42501");
        }
    }

    [PostgresFact]
    public async Task A_database_that_cannot_be_reached_is_unavailable_and_no_password_is_told()
    {
        await using var away = new PostgresSqlDatabase(TestDatabase.Setting("away", PostgresUrl.Parse("postgres://me:s3cret@127.0.0.1:1/db")));
        var error = away.Refuse(Reading("SELECT 1"));
        error.ShouldBe(new SqlError(SqlOutcome.Unavailable, "08001", "The database cannot be reached."));
        away.TryBegin(ForReading, Long, out _, out var begin).ShouldBeFalse();
        begin.ShouldBe(error);

        var settings = new NpgsqlConnectionStringBuilder(test.Settings.ConnectionString) { Database = "no_such_database" };
        await using var missing = new PostgresSqlDatabase(TestDatabase.Setting("missing", settings));
        var refused = missing.Refuse(Reading("SELECT 1"));
        (refused.Outcome, refused.State).ShouldBe((SqlOutcome.Unavailable, "3D000"));
    }

    [PostgresFact]
    public async Task After_its_sessions_were_ended_a_database_is_back_with_the_second_call_at_the_latest()
    {
        await using var database = test.Open();
        using (var first = database.Begin(ForReading))
        using (var second = database.Begin(ForReading))
        using (var third = database.Begin(ForWriting))
        {
            first.Value("SELECT 1").ShouldBe("1");
            second.Value("SELECT 1").ShouldBe("1");
            third.Write("CREATE TABLE done (id int)");
            third.Write("SELECT 'ended'");
            await test.AskAsync<long>($"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '{test.Settings.Username}' AND query LIKE '%ended%'");
            await Eventually.HoldsAsync("the session is gone", async () => await test.AskAsync<long>($"SELECT count(*) FROM pg_stat_activity WHERE usename = '{test.Settings.Username}' AND query LIKE '%ended%'") == 0);
            third.Refuse(Reading("SELECT 1")).Outcome.ShouldBe(SqlOutcome.Unavailable);
            third.Commit(Long)!.Outcome.ShouldBe(SqlOutcome.Unavailable);
        }

        await test.AskAsync<long>($"SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE usename = '{test.Settings.Username}' AND datname = current_database()");
        database.Run(Reading("SELECT 1"), Long).Outcome.ShouldBeOneOf(SqlOutcome.Success, SqlOutcome.Unavailable);
        database.Value("SELECT 1").ShouldBe("1");
    }

    [PostgresFact]
    public async Task So_many_calls_wait_for_a_database_and_another_database_is_not_held_up()
    {
        await using var slow = test.Open(new PostgresLimits(Connections: 1));
        using var cancellation = new CancellationTokenSource();
        var patience = SqlPatience.For(TimeSpan.FromMinutes(5), cancellation.Token);
        Task<SqlAnswer>[] waiting;
        using (slow.Begin(ForReading))
        {
            waiting = [.. Enumerable.Range(0, SqlLimits.MaxWaiting + 8).Select(_ => Task.Factory.StartNew(
                () => slow.Run(Reading("SELECT 1"), patience), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
            await Eventually.HoldsAsync("the others are refused", () => waiting.Count(task => task.IsCompleted) == 8);
            foreach (var refused in waiting.Where(task => task.IsCompleted))
            {
                (await refused).Error.ShouldBe(new SqlError(SqlOutcome.Busy, "53300", "64 statements wait for the database already."));
            }

            test.Database.Value("SELECT 1").ShouldBe("1");
        }

        (await Task.WhenAll(waiting)).Count(answer => answer.Error is null).ShouldBe(SqlLimits.MaxWaiting);
        await cancellation.CancelAsync();
        slow.Run(Reading("SELECT 1"), patience).Outcome.ShouldBe(SqlOutcome.Cancelled);
    }

    private Task<long> RunningAsync(string part) => test.AskAsync<long>(
        $"SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND usename = '{test.Settings.Username}' AND strpos(query, '{part}') > 0");
}
