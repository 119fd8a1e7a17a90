using System.Text.Json.Nodes;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using Xunit.Abstractions;
using static HeliosEdge.Sandbox.Tests.Sql.Changes.ChangeDatabase;

namespace HeliosEdge.Sandbox.Tests.Sql.Changes;

/// <summary>
/// Random transactions on tables with triggers, of SQL and of guests, while a pipeline is read by streams that are dropped at any moment, in a database that
/// is closed now and then: the events that were delivered, applied in order to empty copies, are the tables, and a sink has counted each of them once.
/// </summary>
public sealed class ChangeModelTests(ITestOutputHelper output)
{
    private const string Counts = "SELECT count(*), coalesce(sum(total), 0) FROM t";

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public async Task What_was_delivered_is_what_is_there(int number, bool isSnapshot)
    {
        for (var run = 0; run < 4; run++)
        {
            var seed = Environment.TickCount ^ (number << 20) ^ (run << 24);
            output.WriteLine($"seed {seed}");
            await RunAsync(new Random(seed), isSnapshot);
        }
    }

    private static async Task RunAsync(Random random, bool isSnapshot)
    {
        using var database = new ChangeDatabase(new ScriptedFunctions([], (_, payload) => Judge(payload)));
        database.Run("CREATE TABLE t (id INTEGER PRIMARY KEY, total INTEGER, note TEXT)");
        database.Run("CREATE TABLE u (k TEXT, n INTEGER, total REAL, PRIMARY KEY (k, n)) WITHOUT ROWID");
        database.Run("CREATE TABLE w (id INTEGER PRIMARY KEY, total INTEGER, note TEXT)");
        database.Run("CREATE TABLE sink (table_name TEXT PRIMARY KEY, row_count INTEGER, total INTEGER)");
        database.Run("CREATE TRIGGER into_u AFTER INSERT ON t BEGIN INSERT OR REPLACE INTO u VALUES ('t', NEW.id % 3, NEW.total); END");
        database.Run("CREATE TRIGGER again AFTER UPDATE ON t WHEN NEW.total % 5 = 0 BEGIN UPDATE t SET total = total + 1 WHERE id = NEW.id; UPDATE w SET total = total - 1 WHERE id % 4 = NEW.id % 4; END");
        database.Run("CREATE TRIGGER gone AFTER DELETE ON w BEGIN UPDATE u SET total = total + 1 WHERE n = OLD.id % 3; END");
        database.Judge("judge", "before_insert", "before_update");
        if (isSnapshot)
        {
            database.Run("INSERT INTO t (id, total) VALUES (1, 1), (2, 2)");
            database.Run("INSERT INTO w (id, total) VALUES (1, 1)");
        }

        await database.Changes.PutAsync(Define(tables: ["t", "u", "w"], snapshot: true, maxRows: 7, sink: "sink"), Soon);
        var copies = new Dictionary<string, Dictionary<string, string>> { ["t"] = [], ["u"] = [], ["w"] = [] };
        IChangeStream? stream = null;
        for (var step = 0; step < 120; step++)
        {
            switch (random.Next(12))
            {
                case 0:
                    if (stream is not null)
                    {
                        await stream.DisposeAsync();
                        stream = null;
                    }

                    if (random.Next(4) == 0)
                    {
                        database.Close();
                    }

                    break;
                case < 5:
                    stream ??= await database.OpenAsync();
                    if ((await database.StatusAsync()).LagRows > 0 && !await DeliverAsync(random, stream, copies))
                    {
                        await stream.DisposeAsync();
                        stream = null;
                    }

                    break;
                case 5:
                    // What makes the triggers anew changes nothing.
                    database.Judge("judge", "before_insert", "before_update");
                    database.Run("DROP TRIGGER gone");
                    database.Run("CREATE TRIGGER gone AFTER DELETE ON w BEGIN UPDATE u SET total = total + 1 WHERE n = OLD.id % 3; END");
                    break;
                default:
                    database.Transact(random.Next(4) > 0, [.. Statements(random)]);
                    break;
            }
        }

        while ((await database.StatusAsync()).LagRows > 0)
        {
            stream ??= await database.OpenAsync();
            if (!await DeliverAsync(random, stream, copies))
            {
                await stream.DisposeAsync();
                stream = null;
            }
        }
        foreach (var (table, copy) in copies)
        {
            var columns = table == "u" ? "k, n, total" : "id, total, note";
            JsonNode.Parse(database.Rows($"SELECT {columns} FROM {table}"))!.AsArray().Select(row => row!.ToJsonString()).Order(StringComparer.Ordinal)
                .ShouldBe(copy.Values.Order(StringComparer.Ordinal), table);
        }

        var counted = JsonNode.Parse(database.Rows("SELECT row_count, total FROM sink WHERE table_name = 't'"))!.AsArray();
        var expected = JsonNode.Parse(database.Rows(Counts))![0]!.ToJsonString();
        (counted.Count == 0 ? "[0,0]" : counted[0]!.ToJsonString()).ShouldBe(expected);
    }

    private static IEnumerable<string> Statements(Random random)
    {
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var (id, other, total) = (random.Next(1, 10), random.Next(1, 10), random.Next(1, 40));
            var table = random.Next(3) == 0 ? "w" : "t";
            var isPart = random.Next(5) == 0;
            if (isPart)
            {
                yield return "save";
            }

            yield return random.Next(10) switch
            {
                0 => $"INSERT INTO {table} (total) VALUES ({total}), ({total + 1})",
                1 => $"INSERT INTO {table} (id, total) VALUES ({id}, {total}), ({other}, {total})",
                2 => $"INSERT OR IGNORE INTO {table} (id, total) VALUES ({id}, {total}), ({other}, {total + 2})",
                3 => $"REPLACE INTO {table} (id, total) VALUES ({id}, {total})",
                4 => $"UPDATE {table} SET total = total + {total % 4} WHERE id BETWEEN {id} AND {other}",
                5 => $"DELETE FROM {table} WHERE id BETWEEN {id} AND {other}",
                6 => $"INSERT INTO {table} (id, total) VALUES ({id}, {total}) ON CONFLICT (id) DO UPDATE SET total = excluded.total + 1",
                7 => $"UPDATE OR REPLACE {table} SET id = {other} WHERE id = {id}",
                8 => $"UPDATE OR IGNORE {table} SET id = id + 1, total = total * 2 WHERE id >= {id}",
                _ => $"UPDATE u SET total = total / 3.0, n = n + {total % 2} WHERE n < {id}",
            };
            if (isPart && random.Next(2) == 0)
            {
                yield return "undo";
            }
        }
    }

    /// <returns>False if something was read that was not delivered.</returns>
    private static async Task<bool> DeliverAsync(Random random, IChangeStream stream, Dictionary<string, Dictionary<string, string>> copies)
    {
        var batch = new ChangeBatch();
        await stream.ReadAsync(batch, random.Next(1, 2_000), Soon);
        if (random.Next(5) == 0)
        {
            return false;
        }

        for (var from = 0; from < batch.Count;)
        {
            var count = random.Next(1, batch.Count - from + 1);
            var events = EventsOf(batch).GetRange(from, count);
            var records = events.Select(item => Record(TableVerb.Add, $$"""{"table_name":"{{item["source"]!["table"]}}","row_count":{{Sign(item["after"]) - Sign(item["before"])}},"total":{{Total(item["after"]) - Total(item["before"])}}}"""));
            await stream.CommitAsync(new ChangeCommit(batch[from + count - 1], count, [.. records], [], 1), Soon);
            foreach (var item in events)
            {
                var table = item["source"]!["table"]!.GetValue<string>();
                if (item["before"] is { } before)
                {
                    copies[table].Remove(KeyOf(table, before), out var row).ShouldBeTrue(item.ToJsonString());
                    row.ShouldBe(RowOf(before), item.ToJsonString());
                }

                if (item["after"] is { } after)
                {
                    copies[table].TryAdd(KeyOf(table, after), RowOf(after)).ShouldBeTrue(item.ToJsonString());
                }
            }

            from += count;
            if (random.Next(8) == 0)
            {
                return from == batch.Count;
            }
        }

        return true;

        static int Sign(JsonNode? row) => row is null ? 0 : 1;
        static long Total(JsonNode? row) => row is null ? 0 : (long)row["total"]!.GetValue<double>();
        static string RowOf(JsonNode row) => new JsonArray([.. row.AsObject().Select(member => member.Value?.DeepClone())]).ToJsonString();
        static string KeyOf(string table, JsonNode row) => table == "u" ? $"{row["k"]} {row["n"]}" : $"{row["id"]}";
    }

    private static byte[] Judge(string payload)
    {
        var total = JsonNode.Parse(payload)!["new"]!["total"]!.GetValue<int>();
        return total % 7 == 0 ? """{"allow":false,"reason":"seven"}"""u8.ToArray()
            : total % 3 == 0 ? System.Text.Encoding.UTF8.GetBytes($$$"""{"allow":true,"new":{"note":"{{{total}}}","total":{{{total + 1}}}}}""")
            : """{"allow":true}"""u8.ToArray();
    }
}
