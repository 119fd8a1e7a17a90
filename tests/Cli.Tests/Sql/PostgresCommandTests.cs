using Shouldly;
using Xunit;

namespace HeliosEdge.Cli.Tests.Sql;

/// <summary>SQL on the command line in a database of PostgreSQL.</summary>
[Trait("Category", "Process")]
public sealed class PostgresCommandTests
{
    [PostgresFact]
    public async Task AFileIsSplitAsPostgreSqlDoesItAndItsTablesAreListed()
    {
        using var state = new TemporaryFolder();
        var database = await PostgresServer.NewOwnedDatabaseAsync();
        await using var silo = SiloProcess.Start("--urls", "http://127.0.0.1:0", "--data", Path.Combine(state.Path, "data"), "--regions", "eu", "--database", $"orders={database}");
        var url = (await silo.AddressAsync()).ToString();
        var file = state.Write("schema.sql", """
            CREATE TABLE filed (x int); /* a /* nested */ ; */
            INSERT INTO filed VALUES (length($body$a; $$ 'b$body$))
            """u8.ToArray());

        var ran = await Helios.RunAsync("sql", "orders", "-f", file, "--url", url);
        var queried = await Helios.RunAsync("sql", "orders", "SELECT x, NULL AS n FROM filed WHERE x = $1", "--params", "[8]", "--format", "csv", "--url", url);
        var failed = await Helios.RunAsync("sql", "orders", "SELECT 'é',\n  nosuch FROM filed", "--url", url);

        ran.Error.ShouldBeEmpty();
        ran.ExitCode.ShouldBe(0);
        queried.Text.ShouldBe("x,n\r\n8,\r\n", queried.Error);
        failed.ExitCode.ShouldBe(1);
        failed.ErrorLines[1..].ShouldBe(["line 2:   nosuch FROM filed", "          ^"]);
        if (OperatingSystem.IsLinux() && File.Exists("/usr/bin/script"))
        {
            var typed = await Helios.TypeOnTerminalAsync("\\d\n\\q\n", "sql", "orders", "--url", url);
            typed.Text.ShouldMatch("│ public +│ filed +│ BASE TABLE +│");
        }
    }
}
