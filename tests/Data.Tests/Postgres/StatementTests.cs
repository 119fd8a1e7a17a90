using HeliosEdge.Data.Postgres;
using HeliosEdge.Sandbox.HostServices.Sql;
using static HeliosEdge.Data.Tests.Postgres.Asking;

namespace HeliosEdge.Data.Tests.Postgres;

public sealed class StatementTests(TestDatabase test) : IClassFixture<TestDatabase>
{
    private PostgresSqlDatabase Database => test.Database;

    [PostgresFact]
    public void A_statement_that_reads_gives_columns_and_rows()
    {
        Database.Read("SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, NULL ORDER BY 1").ShouldBe("""{"columns":["a","b"],"rows":[[1,"x"],[2,null]]}""");
        Database.Read("/* a /* b */ */ -- c\n ((SELECT 1 AS a)) ; ;").ShouldBe("""{"columns":["a"],"rows":[[1]]}""");
        Database.Read("SELECT FROM generate_series(1, 2)").ShouldBe("""{"columns":[],"rows":[[],[]]}""");
        Database.Read("VALUES (1)").ShouldBe("""{"columns":["column1"],"rows":[[1]]}""");
        Database.Value("EXPLAIN (FORMAT JSON) SELECT 1").ShouldContain("\"Plan\"");
        Database.Read("SELECT 1 AS a WHERE false").ShouldBe("""{"columns":["a"],"rows":[]}""");
    }

    [PostgresFact]
    public void A_statement_that_writes_says_how_many_rows_it_changed()
    {
        const string Nothing = """{"rowsAffected":0,"lastInsertId":0}""";
        Database.Write("CREATE TABLE written (id int PRIMARY KEY, name text)").ShouldBe(Nothing);
        Database.Write("INSERT INTO written VALUES ($1, $2), (2, 'b')", """[1, "a"]""").ShouldBe("""{"rowsAffected":2,"lastInsertId":0}""");
        Database.Write("UPDATE written SET name = 'c' WHERE id = 1 RETURNING id, name")
            .ShouldBe("""{"columns":["id","name"],"rows":[[1,"c"]],"rowsAffected":1,"lastInsertId":0}""");
        Database.Write("WITH gone AS (DELETE FROM written RETURNING id) SELECT id FROM gone ORDER BY id")
            .ShouldBe("""{"columns":["id"],"rows":[[1],[2]],"rowsAffected":0,"lastInsertId":0}""");
        Database.Write("DELETE FROM written").ShouldBe(Nothing);
        Database.Write("DROP TABLE written").ShouldBe(Nothing);
    }

    [PostgresFact]
    public void A_statement_that_fails_changes_nothing_and_says_why_and_where()
    {
        Database.Write("CREATE TABLE failing (id int PRIMARY KEY)");
        Database.Refuse(Writing("INSERT INTO failing SELECT 1 UNION ALL SELECT 1"))
            .ShouldBe(new SqlError(SqlOutcome.Failed, "23505", "duplicate key value violates unique constraint \"failing_pkey\" (Key (id)=(1) already exists.)"));
        var error = Database.Refuse(Reading("SELECT no_column FROM failing"));
        (error.Outcome, error.State, error.Position).ShouldBe((SqlOutcome.Failed, "42703", 8));
        Database.Value("SELECT count(*) FROM failing").ShouldBe("0");
    }

    [PostgresTheory]
    [InlineData("INSERT INTO t VALUES (1)", "25006")]
    [InlineData("/* SELECT */ DELETE FROM t", "25006")]
    [InlineData("WITH x AS (INSERT INTO read_only VALUES (1) RETURNING id) SELECT * FROM x", "25006")]
    [InlineData("SELECT set_config('transaction_read_only', 'off', false)", "25001")]
    [InlineData("SELECT * INTO copied FROM read_only", "25006")]
    [InlineData("EXPLAIN ANALYZE DELETE FROM read_only", "25006")]
    [InlineData("COMMIT", "42501")]
    public void A_statement_that_reads_changes_nothing(string sql, string state)
    {
        Database.Write("CREATE TABLE IF NOT EXISTS read_only (id int)");
        Database.Refuse(Reading(sql)).State.ShouldBe(state);

        using var transaction = Database.Begin(ForWriting);
        transaction.Write("INSERT INTO read_only VALUES (1)");
        transaction.Refuse(Reading(sql)).State.ShouldBe(state);
    }

    [PostgresTheory]
    [InlineData("BEGIN")]
    [InlineData("COMMIT")]
    [InlineData("ROLLBACK")]
    [InlineData("SAVEPOINT a")]
    [InlineData("RELEASE a")]
    [InlineData("SET ROLE postgres")]
    [InlineData("RESET ALL")]
    [InlineData("LISTEN a")]
    [InlineData("COPY t TO PROGRAM 'id'")]
    [InlineData("DO $$ BEGIN END $$")]
    [InlineData("CALL p()")]
    [InlineData("LOCK TABLE t")]
    [InlineData("PREPARE a AS SELECT 1")]
    [InlineData("GRANT ALL ON t TO PUBLIC")]
    [InlineData("DISCARD ALL")]
    [InlineData("VACUUM")]
    [InlineData("\"SELECT\" 1")]
    [InlineData("-- SELECT\nCOMMIT")]
    [InlineData("/* /* */ SELECT */ COMMIT")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")]
    [InlineData("CREATE OR REPLACE /* TABLE */ PROCEDURE p() LANGUAGE sql AS 'SELECT 1'")]
    [InlineData("CREATE EXTENSION hstore")]
    [InlineData("CREATE ROLE r")]
    [InlineData("CREATE SCHEMA s CREATE FUNCTION f() RETURNS int RETURN 1")]
    [InlineData("ALTER ROLE CURRENT_USER PASSWORD 'x'")]
    [InlineData("ALTER DATABASE d SET search_path = x")]
    [InlineData("ALTER SYSTEM SET work_mem = '1GB'")]
    [InlineData("DROP OWNED BY CURRENT_USER")]
    public void What_is_not_for_functions_is_refused(string sql)
    {
        var error = Database.Refuse(Writing(sql));
        error.State.ShouldBe("42501", error.Message);
        error.Outcome.ShouldBe(SqlOutcome.Failed);
    }

    [PostgresTheory]
    [InlineData("SELECT 1; SELECT 2", "several")]
    [InlineData("SELECT 1;COMMIT", "several")]
    [InlineData("SELECT 'a''' ; DROP TABLE t --", "several")]
    [InlineData("", "no statement")]
    [InlineData("-- nothing", "no statement")]
    [InlineData(" ; ", "no statement")]
    [InlineData("SELECT '\0'", "zero character")]
    public void A_call_is_one_statement(string sql, string why)
    {
        var error = Database.Refuse(Writing(sql));
        error.State.ShouldBe("42601");
        error.Message.ShouldContain(why);
    }

    /// <summary>The text that is read before may be misled; the server is not.</summary>
    [PostgresFact]
    public void The_server_refuses_what_only_looks_like_one_statement()
    {
        Database.Write("CREATE TABLE looks (id int)");
        using (var transaction = Database.Begin(ForWriting))
        {
            transaction.Read("SELECT set_config('standard_conforming_strings', 'off', true)");
            transaction.Write("SELECT set_config('standard_conforming_strings', 'off', true)");
            transaction.Refuse(Writing(@"SELECT '\'; DROP TABLE looks; --'")).State.ShouldBe("42601");
        }

        Database.Value("SELECT count(*) FROM looks").ShouldBe("0");
    }

    [PostgresFact]
    public void Semicolons_in_text_and_names_are_no_ends()
    {
        Database.Value("""SELECT 'a;b' || E'\';' || $$;'$$ || $x$;$$;$x$ AS ";" -- ; """).ShouldBe("\"a;b\\u0027;;\\u0027;$$;\"");
        Database.Value("SELECT $1 || E'it\\'s $2' || '$3' || $a$ $4 $a$", "[\"x\"]").ShouldContain("$4");
    }

    [PostgresFact]
    public void The_number_of_parameters_must_be_right()
    {
        Database.Refuse(Reading("SELECT $1::int, $2::int", "[1]")).Message.ShouldBe("The statement takes 2 parameters, not 1.");
        Database.Refuse(Reading("SELECT 1", "[1]")).Message.ShouldBe("The statement takes 0 parameters, not 1.");
        Database.Refuse(Reading("SELECT $1", "{}")).Message.ShouldBe("The parameters must be a JSON array.");
        Database.Refuse(Reading("SELECT $1", "[")).State.ShouldBe("22023");
    }

    [PostgresFact]
    public void A_result_beyond_the_caps_is_refused_and_not_committed()
    {
        Database.Write("CREATE TABLE capped (id int)");
        Database.Refuse(Reading("SELECT generate_series(1, 100000)")).Message.ShouldBe("The result has more than 10000 rows.");
        Database.Refuse(Reading("SELECT repeat('x', 300000000)")).Message.ShouldBe("The result has more than 1048576 bytes.");
        Database.Refuse(Reading("SELECT repeat('x', 200) FROM generate_series(1, 9999)")).Message.ShouldBe("The result has more than 1048576 bytes.");
        Database.Refuse(Writing("INSERT INTO capped SELECT generate_series(1, 10001) RETURNING id")).Message.ShouldBe("The result has more than 10000 rows.");
        Database.Value("SELECT count(*) FROM capped").ShouldBe("0");
        Database.Value("SELECT length(decode(repeat('00', 700000), 'hex'))").ShouldBe("700000");
        Database.Read("SELECT decode(repeat('00', 700000), 'hex')").Length.ShouldBeInRange(700_000 / 3 * 4, 1 << 20);
    }
}
