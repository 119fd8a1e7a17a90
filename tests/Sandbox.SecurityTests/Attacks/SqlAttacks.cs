using static HeliosEdge.Sandbox.SecurityTests.Attacks.Attack;
using static HeliosEdge.Sandbox.SecurityTests.Attacks.Verdict;

namespace HeliosEdge.Sandbox.SecurityTests.Attacks;

/// <summary>On the region's database: <c>sql.wat</c>, whose payload is the statement.</summary>
internal static class SqlAttacks
{
    private const int Failed = -5;

    private const string Forever = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)";

    public static IEnumerable<Attack> All =>
    [
        Endless("rows without end", $"{Forever} SELECT count(*) FROM c"),
        Endless("sort without end", "WITH RECURSIVE c(x) AS (SELECT randomblob(100000) UNION ALL SELECT randomblob(100000) FROM c) SELECT x FROM c ORDER BY x"),
        Endless("distinct without end", "WITH RECURSIVE c(x) AS (SELECT randomblob(100000) UNION SELECT randomblob(100000) FROM c) SELECT count(*) FROM c"),
        Query("slow search", "SELECT instr(zeroblob(500000) || x'01', zeroblob(250000) || x'02')", Failed),
        Query("slow replacement", "SELECT replace(hex(zeroblob(400000)), hex(zeroblob(200000)) || '1', 'x')", Failed),
        Query("slow pattern", $"SELECT hex(zeroblob(400000)) LIKE '{string.Concat(Enumerable.Repeat("%0", 200))}%1'", Failed),
        Endless("slow functions without end", $"{Forever} SELECT sum(length(hex(zeroblob(400000 + x % 2)))) FROM c"),
        Query("blob of 1 GB", "SELECT zeroblob(1000000000)", Failed),
        Query("text of 1 GB", "SELECT printf('%.*c', 1000000000, 'x')", Failed),
        Query("text that doubles", $"{Forever}, d(x, s) AS (SELECT 1, 'x' UNION ALL SELECT x + 1, s || s FROM d WHERE x < 64) SELECT s FROM d", Failed),
        Query("too many rows", $"{Forever} SELECT x FROM c LIMIT 10001", Failed),
        Query("too many columns", $"SELECT {string.Join(',', Enumerable.Range(0, 3_000))}", Failed),
        Query("deep expression", $"SELECT {string.Concat(Enumerable.Repeat("-", 20_000).Select(_ => "- "))}1", Failed),
        Query("deep parentheses", $"SELECT {new string('(', 20_000)}1{new string(')', 20_000)}", Failed),
        Query("many unions", string.Join(" UNION ALL ", Enumerable.Repeat("SELECT 1", 2_000)), Failed),
        Query("zero byte", "SELECT 1\0; SELECT 2", Failed),
        Query("nothing", "", Failed),
        Query("writes in a query", "CREATE TABLE hostile (a)", Failed),
        Query("another statement", "SELECT 1; DROP TABLE t", Failed),
        Query("other database", "ATTACH DATABASE '/etc/passwd' AS p", Failed),
        Query("settings", "PRAGMA max_page_count = 1000000000", Failed),
        Query("settings as a table", "SELECT * FROM pragma_database_list", Failed),
        Query("extension", "SELECT load_extension('/lib/x86_64-linux-gnu/libc.so.6')", Failed),
        Query("files", "SELECT readfile('/etc/passwd')", Failed),
        Execute("end of the transaction", "COMMIT", Failed),
        Execute("copy of the database", "VACUUM INTO '/tmp/stolen.db'", Failed),
        Execute("virtual table", "CREATE VIRTUAL TABLE v USING fts5(a)", Failed),
        Execute("temporary table", "CREATE TEMP TABLE hostile AS SELECT zeroblob(100000) AS a", Failed),
        Of("database without end", "execute", $"CREATE TABLE hostile AS {Forever} SELECT randomblob(100) AS a FROM c", Ended(ErrorCodes.Timeout)).With("timeoutMs", 400),
        By("sql", "parameters", Answers(Failed)).Granted("database_only").Sends(new string('[', 50_000)) with { Name = "sql: deep parameters" },
        By("sql", "parameters", Answers(Failed)).Granted("database_only").Sends($"[{string.Join(',', Enumerable.Repeat("1", 20_000))}]")
            with { Name = "sql: many parameters" },
        By("sql", "parameters", Answers(Failed)).Granted("database_only").Sends("[\"\\ud800\"]") with { Name = "sql: half a surrogate" },
    ];

    private static Attack Query(string name, string sql, int result) => Of(name, "query", sql, Answers(result));

    private static Attack Execute(string name, string sql, int result) => Of(name, "execute", sql, Answers(result));

    private static Attack Endless(string name, string sql) => Of(name, "query", sql, Ended(ErrorCodes.Timeout)).With("timeoutMs", 300);

    private static Attack Of(string name, string entry, string sql, Verdict verdict) =>
        By("sql", entry, verdict).Granted("database_only").Sends(sql) with { Name = $"sql: {name}" };
}
