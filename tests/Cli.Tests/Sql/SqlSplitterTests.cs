using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Cli.Sql;
using Shouldly;
using Xunit;

namespace HeliosEdge.Cli.Tests.Sql;

public sealed class SqlSplitterTests
{
    private static readonly SqlDialect[] Dialects = [SqlDialect.Sqlite, SqlDialect.PostgreSql];

    /// <summary>Parts of statements in which semicolons and quotes mean nothing, and words.</summary>
    private static readonly string[] Common =
    [
        "SELECT", "x", "1", "+", "(1)", "'a;b'", "'it''s; fine'", "\"a;\"\"b\"", "''", "/* ; ' */", "-- ; ' \" $$ \n", "é€😀", "CASE", "END", ":p", "'-- no comment'", "'/* nor this'",
    ];

    private static readonly string[] OfSqlite = ["`a;``b`", "[a;b'c]", "/* /* ; */", "$$", "$t", "e'a\\'"];

    private static readonly string[] OfPostgreSql =
    [
        "$$a;'b$$", "$t$ ; $$ $x$ ; $t$", "/* ; /* ; */ ' */", "E'it\\'s; fine'", "e'\\\\'", "a$b$", "ARRAY[1]", "$1", "(a; b)",
    ];

    [Fact]
    public void Statements_come_out_as_they_were_put_together()
    {
        foreach (var dialect in Dialects)
        {
            string[] parts = [.. Common, .. dialect == SqlDialect.Sqlite ? OfSqlite : OfPostgreSql];
            var statement = Gen.Elements(parts).NonEmptyListOf()
                .Where(chosen => chosen[0][0] is not ('-' or '/'))
                .Select(chosen => string.Join(' ', chosen).TrimEnd());
            Prop.ForAll(statement.ListOf().ToArbitrary(), statements =>
            {
                var text = string.Concat(statements.Select(sql => $" \n{sql}\n;"));

                SqlSplitter.Split(text, dialect).Select(piece => piece.Text).ShouldBe(statements.Select(TrimComment), text);
                SqlSplitter.IsWhole(text, dialect).ShouldBeTrue(text);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
        }

        static string TrimComment(string sql) => sql.TrimEnd();
    }

    [Fact]
    public void Pieces_of_any_text_are_parts_of_it_in_order_and_begin_on_the_lines_that_they_say()
    {
        var soup = Gen.Elements("'", "\"", "`", "$", "$$", "$a$", ";", "/*", "*/", "--", "\n", " ", "a", "E", "\\", "[", "]", "(", ")", "CREATE TRIGGER", "END", "😀", "\0").ListOf()
            .Select(string.Concat);
        foreach (var dialect in Dialects)
        {
            Prop.ForAll(soup.ToArbitrary(), text =>
            {
                var at = 0;
                foreach (var piece in SqlSplitter.Split(text, dialect))
                {
                    piece.Text.ShouldNotBeEmpty();
                    at = text.IndexOf(piece.Text, at, StringComparison.Ordinal);
                    at.ShouldBeGreaterThanOrEqualTo(0, text);
                    at += piece.Text.Length;
                    piece.Line.ShouldBeInRange(1, text.Count(c => c == '\n') + 1);
                }

                SqlSplitter.Split(text + " ", dialect).Count.ShouldBe(SqlSplitter.Split(text, dialect).Count);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
        }
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData(" ; ;; -- only this\n;", 0)]
    [InlineData("SELECT 1", 1)]
    [InlineData("SELECT 1;", 1)]
    [InlineData("SELECT 1; SELECT 2 -- and no more", 2)]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET x = CASE WHEN 1 THEN 2 END; DELETE FROM c; END; SELECT 1", 2)]
    [InlineData("create temp trigger t after insert on a begin select 'end;'; /* ; */ END ; SELECT 1", 2)]
    [InlineData("EXPLAIN CREATE TEMPORARY TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END; SELECT 1", 2)]
    [InlineData("CREATE TABLE trigger_log (x); CREATE TABLE end (x)", 2)]
    [InlineData("BEGIN; SELECT 1; END;", 3)]
    public void Triggers_of_SQLite_are_one_statement(string text, int count) => SqlSplitter.Split(text, SqlDialect.Sqlite).Count.ShouldBe(count);

    [Theory]
    [InlineData("CREATE FUNCTION f() RETURNS int AS $$ BEGIN RETURN 1; END; $$ LANGUAGE plpgsql; SELECT 1", 2)]
    [InlineData("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 1", 2)]
    [InlineData("CREATE PROCEDURE p() BEGIN ATOMIC SELECT 1; END; SELECT 1", 2)]
    [InlineData("CREATE RULE r AS ON INSERT TO a DO (DELETE FROM b; DELETE FROM c); SELECT 1", 2)]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON a EXECUTE FUNCTION f(); SELECT 1", 2)]
    [InlineData("BEGIN; SELECT 1; END;", 3)]
    [InlineData("DO $do$ BEGIN PERFORM $$;$$; END $do$", 1)]
    public void Bodies_of_PostgreSQL_are_one_statement(string text, int count) => SqlSplitter.Split(text, SqlDialect.PostgreSql).Count.ShouldBe(count);

    [Theory]
    [InlineData("SELECT 1", false)]
    [InlineData("SELECT ';", false)]
    [InlineData("SELECT 1; SELECT", false)]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1;", false)]
    [InlineData("SELECT 1; -- done\n", true)]
    public void A_prompt_goes_on_until_the_statement_is_whole(string text, bool isWhole) => SqlSplitter.IsWhole(text, SqlDialect.Sqlite).ShouldBe(isWhole);

    [Fact]
    public void Lines_count_from_the_first_of_the_text() =>
        SqlSplitter.Split("-- one\n\nSELECT 1;\n/* four\n*/ SELECT 2;", SqlDialect.Sqlite).Select(piece => piece.Line).ShouldBe([3, 5]);

    [Theory]
    [InlineData("select 1", true)]
    [InlineData(" -- c\n /* ' */ (( WITH x AS (SELECT 1) SELECT * FROM x))", true)]
    [InlineData("VALUES (1)", true)]
    [InlineData("TABLE t", true)]
    [InlineData("EXPLAIN DELETE FROM t", true)]
    [InlineData("INSERT INTO t SELECT 1", false)]
    [InlineData("selected", false)]
    [InlineData("", false)]
    [InlineData("((", false)]
    public void The_first_word_tells_a_query(string sql, bool isQuery) => StatementWord.IsQuery(sql, SqlDialect.Sqlite).ShouldBe(isQuery);

    [Theory]
    [InlineData("SELECT 1 FORM t", 15, "line 4: SELECT 1 FORM t", "                      ^")]
    [InlineData("SELECT '😀é', x\nFROM t", 14, "line 4: SELECT '😀é', x", "                     ^")]
    [InlineData("SELECT\n\tx\nFROM t", 9, "line 5:  x", "         ^")]
    [InlineData("SELECT", 7, "line 4: SELECT", "              ^")]
    [InlineData("SELECT", 70, "line 4: SELECT", "              ^")]
    public void A_caret_points_at_the_place_of_an_error(string sql, int position, string line, string caret) =>
        StatementMark.Lines(sql, position, 4).ShouldBe([line, caret]);

    [Fact]
    public void Of_a_long_line_the_part_around_the_place_is_shown()
    {
        var lines = StatementMark.Lines($"SELECT '{new string('x', 1_000)}', y, '{new string('z', 1_000)}'", 1_012, 1);

        lines[0].Length.ShouldBeLessThan(150);
        lines[0][lines[1].IndexOf('^', StringComparison.Ordinal)].ShouldBe('y');
        StatementMark.Lines("a\nb", null, 1).ShouldBe(["line 1: a"]);
    }
}
