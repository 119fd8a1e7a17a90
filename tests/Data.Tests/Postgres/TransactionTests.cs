using HeliosEdge.Data.Postgres;
using HeliosEdge.Sandbox.HostServices.Sql;
using static HeliosEdge.Data.Tests.Postgres.Asking;

namespace HeliosEdge.Data.Tests.Postgres;

public sealed class TransactionTests(TestDatabase test) : IClassFixture<TestDatabase>
{
    private PostgresSqlDatabase Database => test.Database;

    [PostgresFact]
    public void What_was_not_committed_is_rolled_back()
    {
        Database.Write("CREATE TABLE rolled (id int)");
        using (var transaction = Database.Begin(ForWriting))
        {
            transaction.Write("INSERT INTO rolled VALUES (1)").ShouldBe("""{"rowsAffected":1,"lastInsertId":0}""");
            transaction.Value("SELECT count(*) FROM rolled").ShouldBe("1");
            Database.Value("SELECT count(*) FROM rolled").ShouldBe("0");
        }

        Database.Value("SELECT count(*) FROM rolled").ShouldBe("0");
        using (var transaction = Database.Begin(ForWriting))
        {
            transaction.Write("INSERT INTO rolled VALUES (1)");
            transaction.Commit(Long).ShouldBeNull();
            transaction.Refuse(Reading("SELECT 1")).State.ShouldBe("25000");
        }

        Database.Value("SELECT count(*) FROM rolled").ShouldBe("1");
    }

    [PostgresFact]
    public void A_transaction_without_statements_ends_well()
    {
        using var transaction = Database.Begin(ForWriting);
        transaction.Save(Long).ShouldBeNull();
        transaction.Keep(Long).ShouldBeNull();
        transaction.Commit(Long).ShouldBeNull();
    }

    [PostgresFact]
    public void A_statement_that_fails_dooms_the_transaction()
    {
        Database.Write("CREATE TABLE doomed (id int)");
        using var transaction = Database.Begin(ForWriting);
        transaction.Write("INSERT INTO doomed VALUES (1)");
        var error = transaction.Refuse(Reading("SELECT 1 / 0"));
        error.State.ShouldBe("22012");
        transaction.Doom.ShouldBe(error);
        transaction.Refuse(Reading("SELECT 1")).ShouldBe(error);
        transaction.Save(Long).ShouldBe(error);
        transaction.Commit(Long).ShouldBe(error);
        transaction.Dispose();
        Database.Value("SELECT count(*) FROM doomed").ShouldBe("0");
    }

    [PostgresTheory]
    [InlineData("SELECT 1 / 0")]
    [InlineData("SELECT generate_series(1, 10001)")]
    [InlineData("COMMIT")]
    [InlineData("SELECT $1")]
    public void Undoing_a_part_makes_up_for_what_failed_in_it(string failing)
    {
        Database.Write("CREATE TABLE IF NOT EXISTS parts (id int)");
        using var transaction = Database.Begin(ForWriting);
        transaction.Write("DELETE FROM parts");
        transaction.Save(Long).ShouldBeNull();
        transaction.Write("INSERT INTO parts VALUES (1)");
        transaction.Save(Long).ShouldBeNull();
        transaction.Write("INSERT INTO parts VALUES (2)");
        transaction.Refuse(Reading(failing));
        transaction.Undo(Long).ShouldBeNull();
        transaction.Doom.ShouldBeNull();
        transaction.Keep(Long).ShouldBeNull();
        transaction.Save(Long).ShouldBeNull();
        transaction.Write("INSERT INTO parts VALUES (3)");
        transaction.Keep(Long).ShouldBeNull();
        transaction.Value("SELECT array_agg(id ORDER BY id) FROM parts").ShouldBe("[1,3]");
        transaction.Commit(Long).ShouldBeNull();
        Database.Value("SELECT array_agg(id ORDER BY id) FROM parts").ShouldBe("[1,3]");
    }

    [PostgresFact]
    public void Undoing_the_inner_part_does_not_make_up_for_what_failed_before_it_is_begun_again()
    {
        using var transaction = Database.Begin(ForWriting);
        transaction.Write("CREATE TABLE inner_part (id int)");
        transaction.Save(Long).ShouldBeNull();
        transaction.Save(Long).ShouldBeNull();
        transaction.Undo(Long).ShouldBeNull();
        transaction.Refuse(Writing("INSERT INTO inner_part VALUES ('x')")).State.ShouldBe("22P02");
        transaction.Undo(Long).ShouldBeNull();
        transaction.Value("SELECT count(*) FROM inner_part").ShouldBe("0");
        Should.Throw<InvalidOperationException>(() => transaction.Undo(Long)).Message.ShouldContain("no part");
    }

    [PostgresFact]
    public void A_transaction_that_reads_refuses_to_write_and_sees_one_state()
    {
        Database.Write("CREATE TABLE seen (id int)");
        using var transaction = Database.Begin(new SqlTerms(SqlAccess.Read, SqlIsolation.RepeatableRead));
        transaction.Value("SELECT count(*) FROM seen").ShouldBe("0");
        Database.Write("INSERT INTO seen VALUES (1)");
        transaction.Value("SELECT count(*) FROM seen").ShouldBe("0");
        transaction.Run(Writing("INSERT INTO seen VALUES (2)"), Long).Error!.State.ShouldBe("25006");
        transaction.Doom.ShouldBeNull();
        transaction.Value("SELECT current_setting('transaction_isolation') || current_setting('transaction_read_only')").ShouldBe("\"repeatable readon\"");
    }

    [PostgresFact]
    public void A_statement_that_reads_within_one_that_writes_leaves_no_settings()
    {
        using var transaction = Database.Begin(ForWriting);
        transaction.Value("SELECT set_config('work_mem', '1MB', true)").ShouldBe("\"1MB\"");
        transaction.Value("SELECT current_setting('work_mem')").ShouldNotBe("\"1MB\"");
        transaction.Value("SELECT current_setting('transaction_read_only')").ShouldBe("\"on\"");
        transaction.Write("CREATE TABLE left_writable (id int)");
    }

    [PostgresFact]
    public void Serializable_transactions_that_cannot_follow_each_other_conflict()
    {
        Database.Write("CREATE TABLE serial (id int)");
        var terms = new SqlTerms(SqlAccess.Write, SqlIsolation.Serializable);
        using var first = Database.Begin(terms);
        using var second = Database.Begin(terms);
        first.Value("SELECT count(*) FROM serial").ShouldBe("0");
        second.Value("SELECT count(*) FROM serial").ShouldBe("0");
        first.Write("INSERT INTO serial VALUES (1)");
        second.Write("INSERT INTO serial VALUES (2)");
        first.Commit(Long).ShouldBeNull();
        var error = second.Commit(Long).ShouldNotBeNull();
        (error.Outcome, error.State).ShouldBe((SqlOutcome.Conflict, "40001"));
        second.Doom!.Outcome.ShouldBe(SqlOutcome.Conflict);
        second.Dispose();
        Database.Value("SELECT array_agg(id) FROM serial").ShouldBe("[1]");
    }

    [PostgresFact]
    public async Task A_deadlock_is_a_conflict_for_one_of_the_two()
    {
        Database.Write("CREATE TABLE dead AS SELECT generate_series(1, 2) AS id");
        using var first = Database.Begin(ForWriting);
        using var second = Database.Begin(ForWriting);
        first.Write("UPDATE dead SET id = id WHERE id = 1");
        second.Write("UPDATE dead SET id = id WHERE id = 2");
        first.Save(Long).ShouldBeNull();
        second.Save(Long).ShouldBeNull();
        var other = Task.Run(() => End(first, first.Run(Writing("UPDATE dead SET id = id WHERE id = 2"), Long)));
        var own = End(second, second.Run(Writing("UPDATE dead SET id = id WHERE id = 1"), Long));
        SqlOutcome[] outcomes = [own, await other];
        outcomes.Order().ShouldBe([SqlOutcome.Success, SqlOutcome.Conflict]);

        // A conflict is for good: the whole transaction is to be run again.
        static SqlOutcome End(ISqlTransaction transaction, SqlAnswer answer)
        {
            if (answer.Error is not null)
            {
                transaction.Undo(Long).ShouldBe(answer.Error);
            }

            transaction.Dispose();
            return answer.Outcome;
        }
    }

    [PostgresFact]
    public void Constraints_that_wait_for_the_commit_fail_it()
    {
        Database.Write("CREATE TABLE late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
        Database.Refuse(Writing("INSERT INTO late VALUES (1), (1)")).State.ShouldBe("23505");
        Database.Refuse(Writing("INSERT INTO late VALUES (1), (1) RETURNING id")).State.ShouldBe("23505");
        using var transaction = Database.Begin(ForWriting);
        transaction.Write("INSERT INTO late VALUES (1), (1)");
        transaction.Commit(Long)!.State.ShouldBe("23505");
        transaction.Dispose();
        Database.Value("SELECT count(*) FROM late").ShouldBe("0");
    }
}
