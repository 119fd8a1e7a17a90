using System.Text.Json;
using Shouldly;
using Xunit;

namespace HeliosEdge.Cli.Tests.Sql;

/// <summary>SQL on the command line, with a silo of this class's own.</summary>
[Trait("Category", "Process")]
public sealed class SqlCommandTests(SharedSilo silo) : IClassFixture<SharedSilo>
{
    [Fact]
    public async Task StatementsAreRunAndTheirResultsAreJsonWhereTheyArePiped()
    {
        var created = await SqlAsync("main", "CREATE TABLE piped (id INTEGER PRIMARY KEY, name TEXT, weight REAL)");
        var inserted = await SqlAsync("main", "INSERT INTO piped (name, weight) VALUES (?1, ?2)", "--params", "[\"é \\\"q\\\"\", 1.50]");
        var queried = await SqlAsync("main", "-- all\nSELECT * FROM piped");

        created.Error.ShouldBeEmpty();
        created.Text.ShouldBe("{\"rowsAffected\":0,\"lastInsertId\":0}\n");
        inserted.Text.ShouldBe("{\"rowsAffected\":1,\"lastInsertId\":1}\n");
        queried.Text.ShouldBe("{\"columns\":[\"id\",\"name\",\"weight\"],\"rows\":[[1,\"é \\\"q\\\"\",1.5]]}\n");
    }

    [Fact]
    public async Task TheRegionIsTheOneStated()
    {
        (await SqlAsync("main", "CREATE TABLE regional (x)", "--region", "us-east")).ExitCode.ShouldBe(0);

        (await SqlAsync("main", "SELECT count(*) AS n FROM regional", "--region", "us-east")).Text.ShouldBe("{\"columns\":[\"n\"],\"rows\":[[0]]}\n");
        (await SqlAsync("main", "SELECT count(*) AS n FROM regional")).ErrorLines[0].ShouldStartWith("error: statement_failed: no such table: regional");
    }

    [Fact]
    public async Task ATableHasAlignedColumnsAndTellsNullFromText()
    {
        var table = await SqlAsync("main", "SELECT 1 AS id, 'long text' AS t, NULL AS n UNION ALL VALUES (22, 'x', 'NULL')", "--format", "table");
        var changed = await SqlAsync("main", "CREATE TABLE shown (x)", "--format", "table");

        table.Lines.ShouldBe(["id  t          n", "1   long text  NULL", "22  x          'NULL'"]);
        changed.Lines.ShouldBe(["0 rows changed"]);
    }

    [Fact]
    public async Task CsvIsAsRfc4180HasIt()
    {
        var csv = await SqlAsync("main", "SELECT 'a,b' AS \"x\"\"y\", 'say \"hi\"' AS q, 'two' || char(10) || 'lines' AS l, '' AS e, NULL AS n, 1.5 AS r", "--format", "csv");

        csv.Text.ShouldBe("\"x\"\"y\",q,l,e,n,r\r\n\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\"\",,1.5\r\n");
    }

    [Fact]
    public async Task AFileIsOneTransaction()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("a.sql", "-- both\nCREATE TABLE filed (x); CREATE TRIGGER filed_twice AFTER INSERT ON filed WHEN new.x = 1 BEGIN INSERT INTO filed VALUES (';'); END;\nINSERT INTO filed VALUES (1);\n"u8.ToArray());
        var bad = folder.Write("b.sql", "INSERT INTO filed VALUES (2);\n\nINSERT INTO filed\n  VALUES (3))4;\nSELECT 1"u8.ToArray());

        var ran = await SqlAsync("main", "-f", file);
        var failed = await SqlAsync("main", "--file", bad);

        ran.Error.ShouldBeEmpty();
        using var answers = JsonDocument.Parse(ran.Output);
        answers.RootElement.GetArrayLength().ShouldBe(3);
        (failed.ExitCode, failed.Text).ShouldBe((1, ""));
        failed.ErrorLines[0].ShouldStartWith("error: statement_failed: Statement 1 of the batch, none of which was carried out: ");
        failed.ErrorLines[1..].ShouldBe(["line 4:   VALUES (3))4", "                    ^"]);
        (await SqlAsync("main", "SELECT x FROM filed")).Text.ShouldContain("[[1],[\";\"]]");
    }

    [Fact]
    public async Task AnErrorIsShownWhereItIs()
    {
        var failed = await SqlAsync("main", "SELECT 1\nFORM t WHERE y");

        failed.ExitCode.ShouldBe(1);
        failed.Output.ShouldBeEmpty();
        failed.ErrorLines[0].ShouldMatch("^error: statement_failed: .*\\(SQLSTATE 42601\\)$");
        failed.ErrorLines[1..].ShouldBe(["line 2: FORM t WHERE y", "             ^"]);
    }

    [Fact]
    public async Task WhatLooksLikeAQueryChangesNothingUnlessItMay()
    {
        await SqlAsync("main", "CREATE TABLE written (x)");
        const string Insert = "WITH one(x) AS (VALUES (1)) INSERT INTO written SELECT x FROM one RETURNING x";

        (await SqlAsync("main", Insert)).ExitCode.ShouldBe(1);
        (await SqlAsync("main", Insert, "--write")).Text.ShouldBe("{\"columns\":[\"x\"],\"rows\":[[1]],\"rowsAffected\":1,\"lastInsertId\":1}\n");
    }

    [Fact]
    public async Task ADatabaseThatIsNotThereIsNamed()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("a.sql", "SELECT 1"u8.ToArray());

        foreach (var outcome in new[] { await SqlAsync("orders", "SELECT 1"), await SqlAsync("orders", "-f", file) })
        {
            outcome.ExitCode.ShouldBe(1);
            outcome.ErrorLines.ShouldHaveSingleItem().ShouldMatch("^error: database_not_found: .*\"orders\"; .* main\\.$");
        }
    }

    [Theory]
    [InlineData("There is a statement and -f", "main", "SELECT 1", "-f", "x.sql")]
    [InlineData("--params is for one statement", "main", "-f", "x.sql", "--params", "[]")]
    [InlineData("is not a JSON array", "main", "SELECT 1", "--params", "{}")]
    [InlineData("--params is no JSON", "main", "SELECT 1", "--params", "[")]
    [InlineData("there is another --format", "main", "SELECT 1", "--json", "--format", "csv")]
    [InlineData("no terminal to read statements from", "main")]
    [InlineData("'..' is not the name of a database", "..", "SELECT 1")]
    public async Task AWrongCommandLineIsOneLine(string mistake, params string[] arguments)
    {
        var outcome = await Helios.RunAsync(["sql", .. arguments]);

        outcome.ExitCode.ShouldBe(2);
        outcome.ErrorLines.ShouldHaveSingleItem().ShouldContain(mistake);
    }

    [TerminalFact]
    public async Task OnATerminalStatementsAreReadUntilTheEnd()
    {
        var typed = await Helios.TypeOnTerminalAsync(
            "CREATE TABLE typed_in (x); INSERT INTO typed_in\nVALUES ('here');\n\\d\nSELECT x FROM nosuch;\n\\x\nSELECT x FROM typed_in;\n\\q\n", "sql", "main", "--url", silo.Address.ToString());

        typed.ExitCode.ShouldBe(0, typed.Text);
        typed.Text.ShouldContain("main> ");
        typed.Text.ShouldContain("  ...> ");
        typed.Text.ShouldContain("1 row changed");
        typed.Text.ShouldMatch("│ typed_in +│ table +│");
        typed.Text.ShouldContain("error: statement_failed: no such table: nosuch");
        typed.Text.ShouldContain("'\\x' is no command");
        typed.Text.ShouldMatch("│ here +│");
    }

    private Task<Helios.Outcome> SqlAsync(params string[] arguments) => Helios.RunAsync(["sql", .. arguments, "--url", silo.Address.ToString()]);
}
