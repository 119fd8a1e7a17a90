using HeliosEdge.Data.Postgres;
using HeliosEdge.Sandbox.HostServices.Sql;
using Npgsql;
using static HeliosEdge.Data.Tests.Postgres.Asking;

namespace HeliosEdge.Data.Tests.Postgres;

/// <summary>A server that goes away, comes back, or says nothing.</summary>
public sealed class AwayTests(TestDatabase test) : IClassFixture<TestDatabase>
{
    [PostgresFact]
    public async Task A_server_that_was_gone_is_used_again_as_soon_as_it_is_back()
    {
        await using var relay = new Relay(test.Settings.Port);
        await using var database = Behind(relay, connections: 4);
        using (var one = database.Begin(ForReading))
        using (var two = database.Begin(ForReading))
        {
            (one.Value("SELECT 1"), two.Value("SELECT 1")).ShouldBe(("1", "1"));
        }

        relay.Cut();
        database.Run(Reading("SELECT 1"), Long).Outcome.ShouldBe(SqlOutcome.Unavailable);
        database.Refuse(Reading("SELECT 1")).ShouldBe(new SqlError(SqlOutcome.Unavailable, "08001", "The database cannot be reached."));
        relay.Connect();
        database.Value("SELECT 1").ShouldBe("1");
    }

    [PostgresFact]
    public async Task A_transaction_whose_connection_breaks_ends_well_and_changes_nothing()
    {
        await using var relay = new Relay(test.Settings.Port);
        await using var database = Behind(relay, connections: 1);
        database.Write("CREATE TABLE broken (id int)");
        using (var transaction = database.Begin(ForWriting))
        {
            transaction.Write("INSERT INTO broken VALUES (1)");
            relay.Cut();
            var error = transaction.Refuse(Writing("INSERT INTO broken VALUES (2)"));
            error.Outcome.ShouldBe(SqlOutcome.Unavailable);
            transaction.Undo(Long).ShouldBe(error);
            transaction.Commit(Long).ShouldBe(error);
        }

        relay.Connect();
        database.Value("SELECT count(*) FROM broken").ShouldBe("0");
    }

    [PostgresFact]
    public async Task A_server_that_says_nothing_holds_nobody_up_beyond_the_deadline_and_a_little()
    {
        await using var relay = new Relay(test.Settings.Port);
        await using var database = Behind(relay, connections: 2);
        var brief = SqlPatience.For(TimeSpan.FromMilliseconds(500), CancellationToken.None);
        var transaction = database.Begin(ForWriting);
        transaction.Write("CREATE TABLE silent (id int)");
        database.Value("SELECT 1").ShouldBe("1");
        relay.Silence();

        database.Run(Reading("SELECT 1"), brief).Outcome.ShouldBe(SqlOutcome.Cancelled);
        transaction.Dispose();
        relay.Speak();
        database.Value("SELECT to_regclass('silent')").ShouldBe("null");
    }

    [PostgresFact]
    public async Task A_write_or_a_commit_without_an_answer_is_not_said_to_be_undone()
    {
        await using var relay = new Relay(test.Settings.Port);
        await using var database = Behind(relay, connections: 2);
        database.Write("CREATE TABLE unknown (id int)");
        using var transaction = database.Begin(ForWriting);
        transaction.Write("INSERT INTO unknown VALUES (1)");
        database.Value("SELECT 1").ShouldBe("1");
        relay.Silence();

        var write = database.Run(Writing("INSERT INTO unknown VALUES (2)"), SqlPatience.For(TimeSpan.FromMilliseconds(500), CancellationToken.None)).Error.ShouldNotBeNull();
        var commit = transaction.Commit(SqlPatience.For(TimeSpan.FromMilliseconds(500), CancellationToken.None)).ShouldNotBeNull();
        (write.Outcome, write.State, commit.Outcome, commit.State).ShouldBe((SqlOutcome.Unavailable, "08007", SqlOutcome.Unavailable, "08007"));
        transaction.Dispose();
        relay.Speak();

        // The server did carry both out.
        await Eventually.HoldsAsync("the place is free again", () => database.Run(Reading("SELECT 1"), Long).Error is null);
        database.Value("SELECT count(*) FROM unknown").ShouldBe("2");
    }

    private PostgresSqlDatabase Behind(Relay relay, int connections) => new(
        TestDatabase.Setting("behind", new NpgsqlConnectionStringBuilder(test.Settings.ConnectionString) { Port = relay.Port }),
        new PostgresLimits(Connections: connections));
}
