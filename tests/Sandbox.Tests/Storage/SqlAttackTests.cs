using System.Diagnostics;
using System.Text;
using HeliosEdge.Sandbox.HostServices.Sql;

namespace HeliosEdge.Sandbox.Tests.Storage;

/// <summary>Statements that want more than a guest may have. Each ends with a reason, and the next statement works.</summary>
[Trait("Category", "Slow")]
public sealed class SqlAttackTests : IDisposable
{
    private const string Endless = "WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s)";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFile _file = new();
    private readonly SqliteRegionDatabases _databases;

    public SqlAttackTests()
    {
        _databases = new SqliteRegionDatabases(
            Path.GetDirectoryName(_file.Path)!, maxRows: 1_000, maxBytes: 1_000_000, maxPages: 1_000, maxWrittenBytes: 32 << 20, readers: 2);
        Execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b)").Outcome.ShouldBe(SqlOutcome.Success);
        Execute("INSERT INTO t (b) VALUES ('one'), ('two')").Outcome.ShouldBe(SqlOutcome.Success);
    }

    public static TheoryData<string, string> Bombs => new()
    {
        // Values beyond the largest.
        { "SELECT zeroblob(1000001)", "larger than 1000000 bytes" },
        { "SELECT length(randomblob(2000000000))", "larger than 1000000 bytes" },
        { "SELECT length(hex(zeroblob(600000)))", "larger than 1000000 bytes" },
        { "SELECT length(printf('%1000001d', 1))", "larger than 1000000 bytes" },
        { "SELECT length(printf('%.*c', 2000000000, 'x'))", "larger than 1000000 bytes" },
        { "SELECT length(replace(hex(zeroblob(400000)), '0', 'xxxx'))", "larger than 1000000 bytes" },
        { "SELECT length(zeroblob(900000) || zeroblob(900000))", "larger than 1000000 bytes" },
        { "WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 2000) SELECT length(group_concat(hex(zeroblob(1000)))) FROM s", "larger than 1000000 bytes" },
        { "WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 2000) SELECT length(json_group_array(hex(zeroblob(1000)))) FROM s", "larger than 1000000 bytes" },

        // One step of the virtual machine that would take minutes.
        { "SELECT instr(hex(zeroblob(400000)), hex(zeroblob(200000)) || 'b')", "is too much" },
        { "SELECT length(replace(hex(zeroblob(400000)), hex(zeroblob(200000)) || 'b', ''))", "is too much" },
        { "SELECT 'x' LIKE hex(zeroblob(200))", "pattern too complex" },
        { "SELECT 'x' GLOB hex(zeroblob(200))", "pattern too complex" },
        { "SELECT length(unhex(hex(zeroblob(400000)), hex(zeroblob(400000))))", "unhex is not available" },
        { "SELECT json_patch('{}', '{}')", "json_patch is not available" },

        // Results beyond the caps, noticed while they are read.
        { Endless + " SELECT n FROM s", "more than 1000 rows" },
        { Endless + " SELECT hex(zeroblob(100000)) FROM s", "more than 1000000 bytes" },
        { "SELECT char(1) || hex(zeroblob(480000)) AS a, hex(zeroblob(480000)) AS b", "more than 1000000 bytes" },

        // Temporary files.
        { Endless + " SELECT n FROM s ORDER BY randomblob(1000)", "wrote more than 33554432 bytes" },
        { Endless + " SELECT count(DISTINCT randomblob(1000)) FROM s", "wrote more than 33554432 bytes" },
        { "WITH RECURSIVE s (n, x) AS (SELECT 1, '' UNION SELECT n + 1, randomblob(1000) FROM s) SELECT count(*) FROM s", "wrote more than 33554432 bytes" },
        { "WITH RECURSIVE s (n, x) AS MATERIALIZED (SELECT 1, '' UNION ALL SELECT n + 1, randomblob(1000) FROM s) SELECT count(*) FROM s a, s b", "wrote more than 33554432 bytes" },

        // Statements that are too large to compile.
        { "SELECT " + string.Join("+", Enumerable.Repeat("1", 200)), "Expression tree is too large" },
        { "SELECT " + new string('(', 5_000) + "1" + new string(')', 5_000), "" },
        { string.Join(" UNION ALL ", Enumerable.Repeat("SELECT 1", 60)), "too many terms in compound SELECT" },
        { "SELECT " + string.Join(",", Enumerable.Repeat("1", 300)), "too many columns" },
        { "SELECT max(" + string.Join(",", Enumerable.Repeat("1", 100)) + ")", "too many arguments" },
        { "SELECT ?10001", "variable number must be between" },
        { "SELECT 1 -- " + new string('x', 1_000_000), "larger than 1000000 bytes" },

        // Ways out.
        { "ATTACH 'file:x.db' AS x", "ATTACH" },
        { "VACUUM", "" },
        { "VACUUM INTO '/tmp/stolen.db'", "" },
        { "SELECT load_extension('/tmp/x.so')", "not" },
        { "PRAGMA writable_schema = 1", "PRAGMA writable_schema is not available" },
        { "PRAGMA max_page_count = 1000000", "PRAGMA max_page_count is not available" },
        { "PRAGMA hard_heap_limit = 0", "PRAGMA hard_heap_limit is not available" },
        { "SELECT * FROM pragma_database_list", "PRAGMA" },
        { "SELECT fts3_tokenizer('x', x'4141414141414141')", "not available" },
        { "SELECT fts5(x'00')", "not available" },
        { "SELECT geopoly_regular(0, 0, 1, 1000)", "not available" },
        { "CREATE VIRTUAL TABLE v USING fts5 (a)", "" },
        { "CREATE TEMP TABLE z (a)", "" },
        { "UPDATE sqlite_schema SET sql = 'x'", "" },
        { "DELETE FROM sqlite_schema", "" },
        { "BEGIN", "transaction of its own" },
        { "SAVEPOINT s", "transaction of its own" },
        { "SELECT 1; SELECT 2", "one statement" },
        { "", "no statement" },
        { " -- nothing", "no statement" },
        { "SELECT 1\0", "zero byte" },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void A_bomb_fails_with_a_reason(string sql, string reason)
    {
        var query = Query(sql);
        query.Outcome.ShouldBe(SqlOutcome.Failed);
        query.Message.ShouldNotBeNullOrWhiteSpace();
        query.Message.ShouldContain(reason);
        StillWorks();
    }

    [Theory]
    [MemberData(nameof(Bombs))]
    public void A_bomb_that_may_write_does_no_harm_either(string sql, string reason)
    {
        _ = reason;
        var answer = _databases.Execute("eu", sql, default, TimeSpan.FromMilliseconds(500));
        if (answer.Outcome != SqlOutcome.Success)
        {
            answer.Message.ShouldNotBeNullOrWhiteSpace();
        }

        File.Exists("/tmp/stolen.db").ShouldBeFalse();
        StillWorks();
    }

    [Theory]
    [InlineData(Endless + " SELECT count(*) FROM s")]
    [InlineData(Endless + " SELECT sum(n) FROM s WHERE n LIKE '%x%'")]
    [InlineData(Endless + " SELECT n FROM s WHERE n < 0 ORDER BY n")]
    [InlineData("SELECT count(*) FROM t a, t b, t c, t d, t e, t f, t g, t h, t i, t j, t k, t l, t m, t n, t o, t p, t q, t r, t s, t u, t v, t w, t x, t y, t z, t aa, t bb, t cc, t dd, t ee, t ff, t gg")]
    public void What_has_no_end_is_cancelled_at_the_deadline(string sql)
    {
        _databases.Query("eu", sql, default, TimeSpan.FromMilliseconds(100)).Outcome.ShouldBe(SqlOutcome.Cancelled);
        _databases.Execute("eu", sql, default, TimeSpan.FromMilliseconds(100)).Outcome.ShouldBe(SqlOutcome.Cancelled);
        StillWorks();
    }

    [Fact]
    public void A_sort_is_cancelled_at_the_deadline()
    {
        using var roomy = new SqliteRegionDatabases(Path.GetDirectoryName(_file.Path)!, maxWrittenBytes: 8L << 30);
        var started = Stopwatch.GetTimestamp();

        var answer = roomy.Query("sort", Endless + " SELECT n FROM s ORDER BY -n", default, TimeSpan.FromMilliseconds(300));

        // Not a measurement: without the look inside sorts it would take until the disk is full.
        answer.Outcome.ShouldBe(SqlOutcome.Cancelled);
        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Table_expressions_that_double_and_double_do_not_keep_the_compiler_busy()
    {
        var sql = new StringBuilder("WITH a0 AS (SELECT 1 AS x)");
        for (var i = 1; i < 40; i++)
        {
            sql.Append(System.Globalization.CultureInfo.InvariantCulture, $", a{i} AS (SELECT p.x FROM a{i - 1} p, a{i - 1} q)");
        }

        sql.Append(" SELECT count(*) FROM a39");
        _databases.Query("eu", sql.ToString(), default, TimeSpan.FromSeconds(2)).Outcome.ShouldNotBe(SqlOutcome.Success);
        StillWorks();
    }

    [Fact]
    public void Many_large_values_at_once_run_into_the_end_of_memory_and_not_the_process()
    {
        var row = string.Join(",", Enumerable.Repeat("randomblob(990000)", 60));
        var nested = Enumerable.Range(0, 20).Aggregate("1", (inner, _) => $"max({row},{inner})");
        var answer = Query($"SELECT length({nested})");

        answer.Outcome.ShouldBe(SqlOutcome.Failed);
        answer.Message.ShouldNotBeNull().ShouldContain("memory");
        StillWorks();
    }

    [Fact]
    public async Task A_statement_that_takes_all_the_memory_it_can_get_takes_none_from_others()
    {
        SqliteRegionDatabases.Prepare().ShouldBeTrue();
        using var stop = new CancellationTokenSource();
        var row = string.Join(",", Enumerable.Repeat("randomblob(990000)", 60));
        var hogs = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            var refused = 0;
            while (!stop.IsCancellationRequested || refused == 0)
            {
                var answer = Query($"SELECT max({row})");
                (answer.Outcome, answer.Message?.Contains("memory", StringComparison.Ordinal)).ShouldBe((SqlOutcome.Failed, true));
                refused++;
            }
        })).ToArray();

        for (var i = 0; i < 200; i++)
        {
            Text(Query($"SELECT {i}, length(randomblob(900000))")).ShouldContain($"[[{i},900000]]");
            Execute($"INSERT INTO t (b) VALUES ('{i}')").Outcome.ShouldBe(SqlOutcome.Success);
        }

        await stop.CancelAsync();
        await Task.WhenAll(hogs);
    }

    [Theory]
    [InlineData("CREATE VIRTUAL TABLE v USING fts5 (a)", "Virtual tables")]
    [InlineData("CREATE TEMP TABLE z (a)", "Temporary")]
    [InlineData("CREATE TEMP TRIGGER z AFTER INSERT ON t BEGIN SELECT 1; END", "Temporary")]
    [InlineData("VACUUM", "")]
    [InlineData("VACUUM INTO '/tmp/stolen.db'", "")]
    [InlineData("UPDATE sqlite_schema SET sql = 'x'", "")]
    [InlineData("DROP TABLE sqlite_schema", "")]
    [InlineData("CREATE TABLE x AS SELECT load_extension('x')", "")]
    [InlineData("PRAGMA journal_mode = OFF", "PRAGMA journal_mode")]
    [InlineData("COMMIT", "transaction of its own")]
    public void What_would_reach_further_than_the_database_is_refused(string sql, string reason)
    {
        var answer = Execute(sql);

        answer.Outcome.ShouldBe(SqlOutcome.Failed);
        answer.Message.ShouldNotBeNull().ShouldContain(reason);
        StillWorks();
    }

    [Fact]
    public void An_empty_string_is_not_null() =>
        Text(_databases.Query("eu", "SELECT ?1, ?2, ?3", """["", null, "\u0000x"]"""u8.ToArray(), Patience))
            .ShouldBe("""{"columns":["?1","?2","?3"],"rows":[["",null,"\u0000x"]]}""");

    [Fact]
    public void A_trigger_that_calls_itself_comes_to_an_end()
    {
        Execute("CREATE TRIGGER again AFTER INSERT ON t BEGIN INSERT INTO t (b) VALUES (new.b); END").Outcome.ShouldBe(SqlOutcome.Success);

        Execute("INSERT INTO t (b) VALUES ('once')").Message.ShouldNotBeNull().ShouldContain("more than 32 levels deep");
        Text(Query("SELECT count(*) FROM t WHERE b = 'once'")).ShouldContain("[[0]]");
    }

    [Fact]
    public void A_full_database_says_so_and_takes_more_once_something_is_deleted()
    {
        Execute("CREATE TABLE blobs (a)");
        var many = Execute(Endless + " INSERT INTO blobs SELECT zeroblob(100000) FROM s");
        many.Outcome.ShouldBe(SqlOutcome.Failed);
        many.Message.ShouldNotBeNull().ShouldContain("full");

        while (Execute("INSERT INTO blobs VALUES (zeroblob(200000))").Outcome == SqlOutcome.Success)
        {
        }

        Execute("INSERT INTO blobs VALUES (zeroblob(200000))").Message.ShouldNotBeNull().ShouldContain("1000 pages");
        Execute("DELETE FROM blobs").Outcome.ShouldBe(SqlOutcome.Success);
        Execute("INSERT INTO blobs VALUES (zeroblob(200000))").Outcome.ShouldBe(SqlOutcome.Success);
        StillWorks();
    }

    [Fact]
    public void The_log_of_a_transaction_that_rewrites_its_pages_is_bounded()
    {
        Execute("CREATE TABLE wide (a INTEGER PRIMARY KEY, b)");
        Execute("WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 600) INSERT INTO wide SELECT n, zeroblob(4000) FROM s");
        Execute("CREATE TABLE turn (a)");
        Execute("CREATE TRIGGER rewrite AFTER INSERT ON turn BEGIN UPDATE wide SET b = randomblob(4000); END");

        var answer = Execute(Endless + " INSERT INTO turn SELECT n FROM s");
        answer.Outcome.ShouldBe(SqlOutcome.Failed);
        answer.Message.ShouldNotBeNull().ShouldContain("wrote more than");
        StillWorks();
    }

    [Fact]
    public async Task Readers_beyond_the_pool_wait_until_their_deadline()
    {
        var busy = Enumerable.Range(0, 2)
            .Select(_ => Task.Factory.StartNew(
                () => _databases.Query("eu", Endless + " SELECT count(*) FROM s", default, TimeSpan.FromSeconds(5)),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default))
            .ToArray();
        SpinWait.SpinUntil(() => _databases.Query("eu", "SELECT 1", default, TimeSpan.FromMilliseconds(20)).Outcome == SqlOutcome.Cancelled, 5_000)
            .ShouldBeTrue();

        (await Task.WhenAll(busy)).ShouldAllBe(answer => answer.Outcome == SqlOutcome.Cancelled);
        StillWorks();
    }

    [Fact]
    public void Threads_that_write_and_read_at_once_lose_nothing()
    {
        Execute("CREATE TABLE counts (name TEXT PRIMARY KEY, n INTEGER NOT NULL)");
        var parameters = "[\"x\"]"u8.ToArray();

        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            _databases.Execute("eu", "INSERT INTO counts VALUES (?1, 1) ON CONFLICT DO UPDATE SET n = n + 1", parameters, Patience).Outcome.ShouldBe(SqlOutcome.Success);
            _databases.Query("eu", "SELECT n FROM counts WHERE name = ?1", parameters, Patience).Outcome.ShouldBe(SqlOutcome.Success);
        });

        Text(Query("SELECT n FROM counts")).ShouldContain("[[200]]");
    }

    [Fact]
    public void A_kept_statement_sees_a_changed_schema()
    {
        Text(Query("SELECT * FROM t WHERE a = 1")).ShouldBe("""{"columns":["a","b"],"rows":[[1,"one"]]}""");
        Execute("ALTER TABLE t ADD COLUMN c DEFAULT 7").Outcome.ShouldBe(SqlOutcome.Success);
        Text(Query("SELECT * FROM t WHERE a = 1")).ShouldBe("""{"columns":["a","b","c"],"rows":[[1,"one",7]]}""");
        Execute("ALTER TABLE t RENAME COLUMN c TO d").Outcome.ShouldBe(SqlOutcome.Success);
        Text(Query("SELECT * FROM t WHERE a = 1")).ShouldBe("""{"columns":["a","b","d"],"rows":[[1,"one",7]]}""");
        Execute("ALTER TABLE t DROP COLUMN d").Outcome.ShouldBe(SqlOutcome.Success);
        Execute("ALTER TABLE t RENAME TO u").Outcome.ShouldBe(SqlOutcome.Success);
        Query("SELECT * FROM t WHERE a = 1").Message.ShouldNotBeNull().ShouldContain("no such table");
        Execute("ALTER TABLE u RENAME TO t").Outcome.ShouldBe(SqlOutcome.Success);
    }

    [Theory]
    [InlineData("instr('häuser', 'user')", "3")]
    [InlineData("instr(x'00010203', x'02')", "3")]
    [InlineData("instr('abc', 'x')", "0")]
    [InlineData("instr('abc', '')", "1")]
    [InlineData("instr('abc', NULL)", "null")]
    [InlineData("instr(12345, 34)", "3")]
    [InlineData("replace('banana', 'an', 'X')", "\"bXXa\"")]
    [InlineData("replace('banana', '', 'X')", "\"banana\"")]
    [InlineData("replace(1231, 1, 9)", "\"9239\"")]
    [InlineData("replace('a', NULL, 'b')", "null")]
    [InlineData("trim('xyaxbyx', 'xy')", "\"axb\"")]
    [InlineData("ltrim('ääbä', 'ä')", "\"bä\"")]
    [InlineData("rtrim('1000', 0)", "\"1\"")]
    [InlineData("trim('  a ')", "\"a\"")]
    [InlineData("trim('xxx', 'x')", "\"\"")]
    [InlineData("trim('a', NULL)", "null")]
    public void Functions_done_over_answer_as_those_of_SQLite(string expression, string json) =>
        System.Text.Json.Nodes.JsonNode.Parse(Query($"SELECT {expression}").Json.Span)!["rows"]![0]!.AsArray()[0].ShouldSatisfyAllConditions(
            node => (node?.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) ?? "null").ShouldBe(json));

    [Theory]
    [InlineData("[1]", "takes 0 parameters, not 1")]
    [InlineData("[", "no JSON array")]
    [InlineData("7", "must be a JSON array")]
    [InlineData("[[]]", "")]
    public void Parameters_that_do_not_fit_are_refused_with_a_reason(string parameters, string reason)
    {
        var answer = _databases.Query("eu", parameters == "[[]]" ? "SELECT ?1" : "SELECT 1", Encoding.UTF8.GetBytes(parameters), Patience);

        answer.Outcome.ShouldBe(SqlOutcome.Failed);
        answer.Message.ShouldNotBeNull().ShouldContain(reason);
    }

    [Fact]
    public void Random_statements_and_parameters_give_nothing_but_an_answer()
    {
        string[] words =
        [
            "SELECT", "INSERT", "INTO", "t", "VALUES", "(", ")", ",", "?1", "?2", ":n", "1", "-1", "'a'", "x'00ff'", "NULL", "*", "FROM", "WHERE", "a", "b",
            "=", "<", "LIKE", "GLOB", "UNION", "ALL", "WITH", "RECURSIVE", "s", "AS", "ORDER", "BY", "LIMIT", "GROUP", "HAVING", "UPDATE", "SET",
            "DELETE", "CREATE", "TABLE", "INDEX", "VIEW", "TRIGGER", "DROP", "ALTER", "PRAGMA", "ATTACH", "VACUUM", "EXPLAIN", "ANALYZE", "REINDEX",
            "BEGIN", "COMMIT", "ROLLBACK", "RETURNING", "CAST", "TEXT", "BLOB", "max", "randomblob", "zeroblob", "replace", "instr", "trim", "hex",
            "json_each", "json", "group_concat", "OVER", "PARTITION", "9223372036854775807", "1e999", ";", "--", "/*", "*/", "\"", "'", "\ud800", "ä", "||",
            "sqlite_schema", "CASE", "WHEN", "THEN", "END", "EXISTS", "NOT", "IN", "JOIN", "ON", "CONFLICT", "DO", "NOTHING", "printf", "'%d%s%n'",
            "CAST(x'ff80' AS TEXT)", "randomblob(1000000)", "zeroblob(999999)",
        ];
        string[] parameters = ["", "[]", "[1]", "[1,2]", "[\"\\ud800\"]", "[1e999,-0.0]", "[9223372036854775808]", "{}", "[[1]]", "\u0000", "[null,true]", "[\"\\u0000\",\"x\"]"];
        var random = new Random(20_261_122);
        for (var i = 0; i < 3_000; i++)
        {
            var sql = random.Next(4) == 0
                ? $"SELECT {Words(random.Next(1, 6))} FROM t"
                : Words(random.Next(1, 14));
            var bytes = Encoding.UTF8.GetBytes(parameters[random.Next(parameters.Length)]);
            var patience = TimeSpan.FromMilliseconds(200);

            var answer = random.Next(2) == 0 ? _databases.Query("fuzz", sql, bytes, patience) : _databases.Execute("fuzz", sql, bytes, patience);

            if (answer.Outcome == SqlOutcome.Success)
            {
                answer.Json.Length.ShouldBeLessThanOrEqualTo(1_000_000);
                Should.NotThrow(() => System.Text.Json.JsonDocument.Parse(answer.Json).Dispose(), sql);
            }
            else
            {
                answer.Message.ShouldNotBeNullOrWhiteSpace(sql);
            }
        }

        StillWorks();

        string Words(int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ => words[random.Next(words.Length)]));
    }

    public void Dispose()
    {
        _databases.Dispose();
        _file.Dispose();
    }

    private static string Text(SqlAnswer answer) => Encoding.UTF8.GetString(answer.Json.Span);

    private SqlAnswer Query(string sql) => _databases.Query("eu", sql, default, Patience);

    private SqlAnswer Execute(string sql) => _databases.Execute("eu", sql, default, Patience);

    private void StillWorks()
    {
        Text(Query("SELECT b FROM t WHERE a = 1")).ShouldBe("""{"columns":["b"],"rows":[["one"]]}""");
        Execute("UPDATE t SET b = b").Outcome.ShouldBe(SqlOutcome.Success);
    }
}
