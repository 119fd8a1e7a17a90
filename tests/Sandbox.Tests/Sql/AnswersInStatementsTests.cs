using System.Text;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Functions;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;
using HeliosEdge.Sandbox.Tests.Storage;

namespace HeliosEdge.Sandbox.Tests.Sql;

/// <summary>Whatever a guest answers inside a statement, the statement succeeds or fails with a reason, and the database goes on.</summary>
public sealed class AnswersInStatementsTests : IDisposable
{
    private static readonly SqlPatience Patience = SqlPatience.For(TimeSpan.FromMinutes(5), CancellationToken.None);

    private readonly TemporaryFile _file = new();
    private readonly SqliteRegionDatabases _databases;
    private readonly ScriptedFunctions _functions;
    private byte[] _answer = [];

    public AnswersInStatementsTests()
    {
        _functions = new ScriptedFunctions(
            [new SqlFunction("one", -1, IsDeterministic: false, IsAggregate: false), new SqlFunction("many", -1, IsDeterministic: false, IsAggregate: true)],
            (_, _) => _answer);
        _databases = new SqliteRegionDatabases(Path.GetDirectoryName(_file.Path)!, functions: () => _functions);
        Run("CREATE TABLE t (a INTEGER PRIMARY KEY, b)").ShouldBeNull();
        Database.Triggers!.Put(new TriggerDefinition("judge", "t", ["before_insert"], "judge", null, []), Patience);
    }

    private ISqlDatabase Database => _databases.Find("eu", "main")!;

    [Fact]
    public void Any_bytes() => Check(ArbMap.Default.GeneratorFor<byte[]>());

    [Fact]
    public void Any_text_that_is_nearly_a_verdict_or_a_value()
    {
        var pieces = Gen.Elements(
            "{", "}", "[", "]", ":", ",", "\"allow\"", "\"new\"", "\"reason\"", "\"b\"", "\"a\"", "\"base64\"", "\"AQI=\"", "\"*\"", "true", "false", "null", "1", "-1e999",
            "9223372036854775808", "\"\\ud800\"", "\"\\u0000\"", "\"é\"", " ");
        Check(pieces.ArrayOf().Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts))));
    }

    [Fact]
    public void Any_object_with_the_members_of_a_verdict()
    {
        var values = Gen.Elements("true", "false", "null", "1", "\"x\"", "{}", "[]", """{"b":1}""", """{"b":{"base64":"AQI="}}""", """{"b":[1]}""", """{"a":1}""", """{"c":1}""", "\"\\ud800\"");
        var verdicts =
            from allow in values
            from reason in values
            from changed in values
            from names in Gen.Elements("""{"allow":A,"reason":R,"new":N}""", """{"allow":A,"new":N}""", """{"allow":A,"reason":R}""", """{"allow":A,"allow":R}""")
            select Encoding.UTF8.GetBytes(names.Replace("A", allow, StringComparison.Ordinal).Replace("R", reason, StringComparison.Ordinal).Replace("N", changed, StringComparison.Ordinal));
        Check(verdicts);
    }

    public void Dispose()
    {
        _databases.Dispose();
        _file.Dispose();
    }

    private void Check(Gen<byte[]> answers) => Prop.ForAll(answers.ToArbitrary(), answer =>
    {
        _answer = answer;
        foreach (var sql in new[] { "SELECT one(1, 'a', NULL)", "SELECT many(value) FROM (VALUES (1), (2))", "INSERT INTO t (b) VALUES (1), (2)" })
        {
            if (Run(sql) is { } error)
            {
                error.Code.ShouldBeOneOf("failed", ErrorCodes.CorruptedResponse, ErrorCodes.TriggerFailed, ErrorCodes.TriggerRejected);
                error.Message.ShouldNotBeEmpty();
            }
        }

        _functions.Open.ShouldBe(0);
        Run("DELETE FROM t").ShouldBeNull();
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private SqlError? Run(string sql) =>
        Database.Run(new SqlStatement(sql, default, sql.StartsWith("SELECT", StringComparison.Ordinal) ? SqlAccess.Read : SqlAccess.Write), Patience).Error;
}
