using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;
using HeliosEdge.Sandbox.Tests.Storage;

namespace HeliosEdge.Sandbox.Tests.Sql;

/// <summary>
/// Random transactions on a table with triggers. What the after-events told, applied to an empty copy, is the table; what was refused has changed nothing.
/// </summary>
public sealed class TriggerModelTests : IDisposable
{
    private static readonly SqlPatience Patience = SqlPatience.For(TimeSpan.FromMinutes(5), CancellationToken.None);

    private static readonly Gen<string> Statements =
        from verb in Gen.Choose(0, 7)
        from id in Gen.Choose(1, 12)
        from other in Gen.Choose(1, 12)
        from total in Gen.Choose(1, 60)
        select verb switch
        {
            0 => $"INSERT INTO t (total) VALUES ({total}), ({total + 1})",
            1 => $"INSERT INTO t (id, total) VALUES ({id}, {total})",
            2 => $"INSERT OR IGNORE INTO t (id, total) VALUES ({id}, {total}), ({other}, {total + 2})",
            3 => $"REPLACE INTO t (id, total) VALUES ({id}, {total})",
            4 => $"UPDATE t SET total = total + {total % 4} WHERE id BETWEEN {id} AND {other}",
            5 => $"DELETE FROM t WHERE id BETWEEN {id} AND {other}",
            6 => $"INSERT INTO t (id, total) VALUES ({id}, {total}) ON CONFLICT (id) DO UPDATE SET total = excluded.total + 1",
            _ => $"UPDATE OR REPLACE t SET id = {other} WHERE id = {id}",
        };

    private readonly TemporaryFile _file = new();
    private readonly SqliteRegionDatabases _databases;
    private readonly List<JsonNode> _told = [];

    public TriggerModelTests()
    {
        var functions = new ScriptedFunctions([], (name, payload) => name == "judge" ? Judge(payload) : Tell(payload));
        _databases = new SqliteRegionDatabases(Path.GetDirectoryName(_file.Path)!, functions: () => functions);
        Run("CREATE TABLE t (id INTEGER PRIMARY KEY, total INTEGER, note TEXT)").ShouldBeNull();
        Put("judge", "before_insert", "before_update");
        Put("tell", "after_delete", "after_insert", "after_update");
    }

    private ISqlDatabase Database => _databases.Find("eu", "main")!;

    [Fact]
    public void What_was_told_is_what_is_there() => Prop.ForAll(Statements.ArrayOf(3).ListOf(12).ToArbitrary(), transactions =>
    {
        Run("DELETE FROM t").ShouldBeNull();
        var copy = new Dictionary<long, string>();
        foreach (var statements in transactions)
        {
            _told.Clear();
            Database.TryBegin(new SqlTerms(SqlAccess.Write), Patience, out var transaction, out _).ShouldBeTrue();
            using (transaction)
            {
                foreach (var sql in statements)
                {
                    var before = _told.Count;
                    if (transaction!.Run(new SqlStatement(sql, default, SqlAccess.Write), Patience).Error is not null)
                    {
                        // A statement that fails by itself is undone alone, and what it told with it.
                        _told.RemoveRange(before, _told.Count - before);
                    }
                }

                if (transaction!.Commit(Patience) is { } refused)
                {
                    SqlFailure.IsOfTrigger(refused).ShouldBeTrue(refused.Message);
                    _told.Clear();
                }
            }

            foreach (var change in _told)
            {
                if (change["old"] is { } old)
                {
                    copy.Remove(old["id"]!.GetValue<long>()).ShouldBeTrue(change.ToJsonString());
                }

                if (change["new"] is { } row)
                {
                    copy.Add(row["id"]!.GetValue<long>(), row.ToJsonString());
                }
            }

            Rows().ShouldBe(copy.OrderBy(row => row.Key).Select(row => row.Value));
            Rows().ShouldAllBe(row => JsonNode.Parse(row, null, default)!["total"]!.GetValue<int>() % 7 != 0);
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    public void Dispose()
    {
        _databases.Dispose();
        _file.Dispose();
    }

    private static byte[] Judge(string payload)
    {
        var total = JsonNode.Parse(payload)!["new"]!["total"]!.GetValue<int>();
        return Encoding.UTF8.GetBytes(
            total % 7 == 0 ? """{"allow":false,"reason":"seven"}"""
            : total % 3 == 0 ? """{"allow":true,"new":{"note":"N"}}""".Replace("N", $"{total}", StringComparison.Ordinal)
            : """{"allow":true}""");
    }

    private byte[] Tell(string payload)
    {
        _told.Add(JsonNode.Parse(payload)!);
        return """{"allow":true}"""u8.ToArray();
    }

    private void Put(string name, params string[] events) => Database.Triggers!.Put(new TriggerDefinition(name, "t", [.. events], name, null, []), Patience);

    private List<string> Rows()
    {
        var answer = Database.Run(new SqlStatement("SELECT json_object('id', id, 'total', total, 'note', note) FROM t ORDER BY id", default, SqlAccess.Read), Patience);
        return [.. JsonNode.Parse(answer.Json.Span)!["rows"]!.AsArray().Select(row => row![0]!.GetValue<string>())];
    }

    private SqlError? Run(string sql) => Database.Run(new SqlStatement(sql, default, SqlAccess.Write), Patience).Error;
}
