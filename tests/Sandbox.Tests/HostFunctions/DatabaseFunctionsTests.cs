using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using HeliosEdge.Sandbox.Abi.Helios1;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Sandbox.Tests.Storage;

namespace HeliosEdge.Sandbox.Tests.HostFunctions;

public sealed class DatabaseFunctionsTests : IDisposable
{
    private readonly TemporaryFile _file = new();
    private readonly GuestLines _log = new();
    private readonly SqliteRegionDatabases _databases;

    public DatabaseFunctionsTests()
    {
        _databases = new SqliteRegionDatabases(Path.GetDirectoryName(_file.Path)!, maxRows: 100, maxBytes: 10_000, maxPages: 100);
    }

    [Fact]
    public void Rows_are_written_and_read_with_parameters()
    {
        Text("execute", "CREATE TABLE t (a INTEGER PRIMARY KEY, b)").ShouldBe("""{"rowsAffected":0,"lastInsertId":0}""");
        Text("execute", "INSERT INTO t (b) VALUES (?1), (?2), (?3), (?4), (x'0102')\n[\"one\", 2.5, null, true]")
            .ShouldBe("""{"rowsAffected":5,"lastInsertId":5}""");
        Text("query", "SELECT a, b FROM t WHERE a <> ?1 ORDER BY a\n[2]")
            .ShouldBe("""{"columns":["a","b"],"rows":[[1,"one"],[3,null],[4,1],[5,"AQI="]]}""");
        Text("query", "SELECT count(*) AS n FROM t").ShouldBe("""{"columns":["n"],"rows":[[5]]}""");
        Code("query", "SELECT a FROM t", "us").ShouldBe(-5);
    }

    [Theory]
    [InlineData("INSERT INTO t VALUES (1)")]
    [InlineData("DELETE FROM t")]
    [InlineData("CREATE TABLE u (a)")]
    [InlineData("SELECT 1; DELETE FROM t")]
    [InlineData("SELECT 1; SELECT 2")]
    [InlineData("PRAGMA query_only = 0")]
    [InlineData("COMMIT")]
    [InlineData("ATTACH 'x.db' AS x")]
    public void A_query_changes_nothing(string sql)
    {
        Text("execute", "CREATE TABLE t (a)");
        Text("execute", "INSERT INTO t VALUES (7)");

        Code("query", sql).ShouldBe(-5);
        Text("query", "SELECT a FROM t").ShouldBe("""{"columns":["a"],"rows":[[7]]}""");
    }

    [Theory]
    [InlineData("ATTACH 'x.db' AS x")]
    [InlineData("PRAGMA max_page_count = 1000000")]
    [InlineData("COMMIT")]
    [InlineData("BEGIN")]
    [InlineData("SELECT load_extension('x')")]
    [InlineData("INSERT INTO t VALUES (1); INSERT INTO missing VALUES (1)")]
    [InlineData("INSERT INTO t VALUES (zeroblob(1000000000))")]
    [InlineData("nonsense")]
    public void What_fails_changes_nothing_and_says_why_in_the_log(string sql)
    {
        Text("execute", "CREATE TABLE t (a)");

        Code("execute", sql).ShouldBe(-5);
        _log.Lines.ShouldHaveSingleItem().ShouldContain("not carried out");
        Text("query", "SELECT a FROM t").ShouldBe("""{"columns":["a"],"rows":[]}""");
    }

    [Theory]
    [InlineData("SELECT ?1\n{}")]
    [InlineData("SELECT ?1\n[[]]")]
    [InlineData("SELECT ?1\n[1")]
    [InlineData("SELECT ?1")]
    public void Parameters_that_are_none_are_refused(string payload) => Code("query", payload).ShouldBe(-5);

    [Theory]
    [InlineData("SELECT 1 AS fine, 1e999 AS bad", "row 1 of column 2, \"bad\", is infinity")]
    [InlineData("SELECT -1e999", "row 1 of column 1, \"-1e999\", is minus infinity")]
    [InlineData("SELECT 1 AS a UNION ALL SELECT exp(1000) ORDER BY 1", "row 2 of column 1, \"a\", is infinity")]
    [InlineData("SELECT CAST(x'ff' AS TEXT) AS bad", "row 1 of column 1, \"bad\", is text that is no UTF-8")]
    [InlineData("SELECT 'a' || CAST(x'c3' AS TEXT) AS bad", "\"bad\", is text that is no UTF-8")]
    [InlineData("SELECT CAST(x'eda080' AS TEXT)", "is text that is no UTF-8")]
    public void A_value_that_JSON_cannot_have_is_an_error_that_names_the_column(string sql, string expected)
    {
        Code("query", sql).ShouldBe(-5);
        _log.Lines.ShouldHaveSingleItem().ShouldContain(expected);
    }

    [Fact]
    public void Values_arrive_exactly()
    {
        Text("query", "SELECT 9223372036854775807, -9223372036854775808, 9007199254740993, 5e-324, 1.7976931348623157e308, 0.1, CAST(x'ff' AS BLOB), char(0, 233, 128512)")
            .ShouldEndWith("""[[9223372036854775807,-9223372036854775808,9007199254740993,5E-324,1.7976931348623157E+308,0.1,"/w==","\u0000\u00E9\uD83D\uDE00"]]}""");
        Text("query", "SELECT ?1, typeof(?1), ?2, ?3, typeof(?4), ?5\n[9223372036854775807, -9223372036854775808, 9007199254740993, 9223372036854775808.0, \"a\\u0000b\"]")
            .ShouldEndWith("""[[9223372036854775807,"integer",-9223372036854775808,9007199254740993,"real","a\u0000b"]]}""");
    }

    [Theory]
    [InlineData("query", "SELECT ?1\n[1e400]", "Parameter 1 is 1e400, which is beyond the largest REAL")]
    [InlineData("query", "SELECT ?1, ?2\n[1, -1e400]", "Parameter 2 is -1e400")]
    [InlineData("query", "SELECT ?1\n[9223372036854775808]", "Parameter 1 is 9223372036854775808, a whole number of more than 64 bits")]
    [InlineData("execute", "CREATE TABLE t AS SELECT ?1\n[-9223372036854775809]", "a whole number of more than 64 bits")]
    [InlineData("execute", "CREATE TABLE t AS SELECT ?1\n[\"\\ud800\"]", "no JSON array of null, booleans, numbers and strings")]
    public void A_parameter_that_would_become_another_value_is_refused(string entry, string payload, string expected)
    {
        Code(entry, payload).ShouldBe(-5);
        _log.Lines.ShouldHaveSingleItem().ShouldContain(expected);
    }

    [Fact]
    public void Results_are_capped_in_rows_and_bytes()
    {
        Text("query", Series(100)).ShouldContain("[100]");
        Code("query", Series(101)).ShouldBe(-5);
        _log.Lines[^1].ShouldContain("more than 100 rows");
        Code("query", "SELECT hex(zeroblob(4000)), hex(zeroblob(4000))").ShouldBe(-5);
        _log.Lines[^1].ShouldContain("more than 10000 bytes");

        static string Series(int rows) => $"WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {rows}) SELECT n FROM s";
    }

    [Fact]
    public void The_database_does_not_grow_without_end()
    {
        Text("execute", "CREATE TABLE t (a)");

        Code(
            "execute",
            "WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 1000) INSERT INTO t SELECT zeroblob(4000) FROM s").ShouldBe(-5);
        Text("query", "SELECT count(*) FROM t").ShouldContain("[[0]]");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_statement_without_end_is_cancelled_at_the_deadline(bool isQuery)
    {
        const string Endless = "WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s) SELECT count(*) FROM s";
        var patience = TimeSpan.FromMilliseconds(50);

        var answer = isQuery ? _databases.Query("eu", Endless, default, patience) : _databases.Execute("eu", Endless, default, patience);
        answer.Outcome.ShouldBe(SqlOutcome.Cancelled);
        _databases.Execute("eu", "CREATE TABLE t (a)", default, TimeSpan.FromSeconds(30)).Outcome.ShouldBe(SqlOutcome.Success);
    }

    [Fact]
    public void A_guest_whose_statement_runs_into_the_deadline_has_timed_out_even_if_it_answers() => Should.Throw<SandboxException>(
        () => Invoke(
            "query",
            "WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s) SELECT count(*) FROM s"u8.ToArray(),
            timeoutMs: 500)).Code.ShouldBe(ErrorCodes.Timeout);

    [Fact]
    public void What_is_wrong_with_pointers_and_text_is_told_to_the_guest()
    {
        Code("query_null", "SELECT 1").ShouldBe(-6);
        Code("query_null_length", "SELECT 1").ShouldBe(-7);
        Code("query_outside", "").ShouldBe(-2);
        Code("query", new string(' ', 65_537)).ShouldBe(-4);
        BinaryPrimitives.ReadInt32LittleEndian(Invoke("query", [0xFF])).ShouldBe(-3);
    }

    public void Dispose()
    {
        _databases.Dispose();
        _file.Dispose();
    }

    private int Code(string entry, string payload, string region = "eu")
    {
        var response = Invoke(entry, Encoding.UTF8.GetBytes(payload), region);
        response.Length.ShouldBe(4, Encoding.UTF8.GetString(response));
        return BinaryPrimitives.ReadInt32LittleEndian(response);
    }

    private string Text(string entry, string payload) => Encoding.UTF8.GetString(Invoke(entry, Encoding.UTF8.GetBytes(payload)));

    private byte[] Invoke(string entry, byte[] payload, string region = "eu", int timeoutMs = 30_000)
    {
        using var module = Guests.Compile("database");
        var limits = new ResourceLimits { TimeoutMs = timeoutMs };
        var profile = SecurityProfile.Resolve("database_only", []);
        var abi = new Helios1Abi();
        abi.CheckModule(module, entry, limits, profile);
        var response = new ArrayBufferWriter<byte>();
        var services = new HostServiceSet { Log = _log, Services = [_databases] };
        abi.Invoke(module, entry, payload, limits, response, new SandboxScope("f", region, profile, limits, services));
        return response.WrittenSpan.ToArray();
    }
}
