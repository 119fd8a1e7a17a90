using System.Text.Json.Nodes;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using static HeliosEdge.Sandbox.Tests.Sql.Changes.ChangeDatabase;

namespace HeliosEdge.Sandbox.Tests.Sql.Changes;

public sealed class CaptureTests : IDisposable
{
    private readonly ChangeDatabase _database;
    private Func<string, string, string> _judge = (_, _) => """{"allow":true}""";

    public CaptureTests()
    {
        _database = new ChangeDatabase(new ScriptedFunctions([], (name, payload) => System.Text.Encoding.UTF8.GetBytes(_judge(name, payload))));
        _database.Run("CREATE TABLE t (id INTEGER PRIMARY KEY, a)");
    }

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task Inserts_updates_and_deletes_are_told_as_Debezium_does()
    {
        await PutAsync();
        await using var stream = await _database.OpenAsync();
        _database.Transact(true, "INSERT INTO t VALUES (1, 'x')", "UPDATE t SET a = 'y'", "DELETE FROM t");

        var events = await TakeAsync(stream);
        Brief(events).ShouldBe(
        [
            """t c null {"id":1,"a":"x"}""",
            """t u {"id":1,"a":"x"} {"id":1,"a":"y"}""",
            """t d {"id":1,"a":"y"} null""",
        ]);
        var update = events[1].AsObject();
        update.Select(member => member.Key).ShouldBe(["before", "after", "source", "op", "ts_ms", "transaction"]);
        var source = update["source"]!.AsObject();
        source.Select(member => member.Key).ShouldBe(["version", "connector", "name", "ts_ms", "snapshot", "db", "table", "txId", "seq"]);
        source["connector"]!.GetValue<string>().ShouldBe("sqlite");
        source["name"]!.GetValue<string>().ShouldBe("main");
        source["db"]!.GetValue<string>().ShouldBe("eu");
        source["snapshot"]!.GetValue<string>().ShouldBe("false");
        source["seq"]!.GetValue<long>().ShouldBe(2);
        update["transaction"]!.ToJsonString().ShouldBe("""{"id":"1","total_order":2,"data_collection_order":2}""");
    }

    [Fact]
    public async Task Orders_in_a_transaction_are_those_of_what_stays()
    {
        _database.Run("CREATE TABLE u (id INTEGER PRIMARY KEY CHECK (id < 10))");
        await PutAsync("t", "u");
        await using var stream = await _database.OpenAsync();
        _database.Transact(
            true, "INSERT INTO t VALUES (1, 1)", "INSERT INTO u VALUES (1), (2), (30)", "save", "INSERT INTO u VALUES (3)", "undo", "INSERT INTO u VALUES (4)", "INSERT INTO t VALUES (2, 2)");
        _database.Transact(false, "INSERT INTO t VALUES (3, 3)");
        _database.Transact(true, "INSERT INTO t VALUES (4, 4)");

        (await TakeAsync(stream)).Select(item => $"{item["source"]!["table"]} {item["source"]!["seq"]} {item["transaction"]!.ToJsonString()}").ShouldBe(
        [
            """t 1 {"id":"1","total_order":1,"data_collection_order":1}""",
            """u 2 {"id":"1","total_order":2,"data_collection_order":1}""",
            """t 3 {"id":"1","total_order":3,"data_collection_order":2}""",
            """t 4 {"id":"4","total_order":1,"data_collection_order":1}""",
        ]);
    }

    [Fact]
    public async Task Values_are_as_in_parameters()
    {
        await PutAsync();
        await using var stream = await _database.OpenAsync();
        var values = new[] { "NULL", "9223372036854775807", "1.5", "1.0", "'ä\"\\'", "x'0102'", "x''", "''" };

        var told = await _database.BriefAsync(stream, $"INSERT INTO t (a) VALUES {string.Join(", ", values.Select(value => $"({value})"))}");
        told.Select(change => JsonNode.Parse(change["t c null ".Length..])!["a"]?.ToJsonString() ?? "null").ShouldBe(
            ["null", "9223372036854775807", "1.5", "1", "\"\\u00E4\\u0022\\\\\"", """{"base64":"AQI="}""", """{"base64":""}""", "\"\""]);
    }

    [Theory]
    [InlineData("INSERT INTO t VALUES (1, CAST(x'ff' AS TEXT))", "is text that is no UTF-8")]
    [InlineData("INSERT INTO t VALUES (1, 9e999)", "is no finite number, which JSON cannot have")]
    [InlineData("INSERT INTO t VALUES (1, zeroblob(900000))", "bytes of JSON; the limit is 983040")]
    public async Task What_cannot_be_told_cannot_be_done(string sql, string why)
    {
        await PutAsync();

        var error = _database.Refused(sql).ShouldNotBeNull();
        error.Message.ShouldStartWith("""The change of "t" cannot be captured: """);
        error.Message.ShouldContain(why);
        _database.Rows("SELECT count(*) FROM t").ShouldBe("[[0]]");
        _database.Run("INSERT INTO t VALUES (1, 2)");
    }

    [Fact]
    public async Task What_is_rolled_back_is_not_told()
    {
        await PutAsync();
        await using var stream = await _database.OpenAsync();
        _database.Transact(false, "INSERT INTO t VALUES (1, 1)");
        _database.Refused("INSERT INTO t VALUES (1, 1), (2, 2), (1, 3)").ShouldNotBeNull();

        (await _database.BriefAsync(stream, "INSERT INTO t VALUES (9, 9)")).ShouldBe(["""t c null {"id":9,"a":9}"""]);
    }

    [Fact]
    public async Task Rows_that_are_replaced_are_deleted_first()
    {
        await PutAsync();
        await using var stream = await _database.OpenAsync();
        _database.Run("INSERT INTO t VALUES (1, 1), (2, 2)");
        await TakeAsync(stream);

        (await _database.BriefAsync(stream, "REPLACE INTO t VALUES (1, 3)")).ShouldBe(["""t d {"id":1,"a":1} null""", """t c null {"id":1,"a":3}"""]);
        (await _database.BriefAsync(stream, "INSERT INTO t VALUES (1, 4) ON CONFLICT (id) DO UPDATE SET a = excluded.a")).ShouldBe(["""t u {"id":1,"a":3} {"id":1,"a":4}"""]);
        (await _database.BriefAsync(stream, "UPDATE OR REPLACE t SET id = 2 WHERE id = 1")).ShouldBe(
            ["""t d {"id":2,"a":2} null""", """t u {"id":1,"a":4} {"id":2,"a":4}"""]);
        (await _database.BriefAsync(stream, "INSERT OR IGNORE INTO t VALUES (2, 9), (3, 3)")).ShouldBe(["""t c null {"id":3,"a":3}"""]);
    }

    [Theory]
    [InlineData(ChangeOrder.Key)]
    [InlineData(ChangeOrder.Table)]
    public async Task A_change_of_a_key_comes_alone_where_only_changes_of_each_row_stay_in_order(ChangeOrder order)
    {
        _database.Run("CREATE TABLE u (k TEXT COLLATE NOCASE, n, PRIMARY KEY (k, n)) WITHOUT ROWID");
        await _database.Changes.PutAsync(Define(tables: ["u"]) with { Order = order }, Soon);
        await using var stream = await _database.OpenAsync();
        _database.Run("INSERT INTO u VALUES ('a', 1), ('b', 1)");
        _database.Run("UPDATE u SET k = 'A' WHERE k = 'a'");
        _database.Run("UPDATE u SET n = 1.0 WHERE k = 'b'");
        _database.Run("UPDATE u SET n = n + 1");

        var keys = new List<ulong>();
        var counts = new List<int>();
        for (var told = new List<string>(); told.Count < 6;)
        {
            var batch = new ChangeBatch();
            await stream.ReadAsync(batch, AnyBytes, Soon);
            told.AddRange(Brief(EventsOf(batch)));
            counts.Add(batch.Count);
            keys.AddRange(Enumerable.Range(0, batch.Count).Select(i => batch[i].Key));
            if (told.Count == 6)
            {
                told.Skip(2).ShouldBe(
                [
                    """u u {"k":"a","n":1} {"k":"A","n":1}""",
                    """u u {"k":"b","n":1} {"k":"b","n":1}""",
                    """u u {"k":"A","n":1} {"k":"A","n":2}""",
                    """u u {"k":"b","n":1} {"k":"b","n":2}""",
                ]);
            }
        }

        counts.ShouldBe(order == ChangeOrder.Key ? [2, 1, 1, 1, 1] : [6]);
        keys[3].ShouldBe(keys[1]);
        keys.Distinct().Count().ShouldBe(5);
    }

    [Fact]
    public async Task Tables_of_every_shape_are_captured()
    {
        _database.Run("CREATE TABLE \"o'dd \"\"name\" (\"rowid\", \"select\" TEXT, g AS (\"rowid\" + 1))");
        _database.Run("CREATE TABLE parent (id INTEGER PRIMARY KEY)");
        _database.Run("CREATE TABLE child (id INTEGER PRIMARY KEY, p REFERENCES parent ON DELETE CASCADE)");
        await PutAsync("O'DD \"NAME", "child");
        await using var stream = await _database.OpenAsync();

        (await _database.BriefAsync(stream, "INSERT INTO \"o'dd \"\"name\" (\"rowid\", \"select\") VALUES (7, 'x')")).ShouldBe(["""o'dd "name c null {"rowid":7,"select":"x"}"""]);
        (await _database.BriefAsync(stream, "UPDATE \"o'dd \"\"name\" SET \"rowid\" = 8")).ShouldBe(["""o'dd "name u {"rowid":7,"select":"x"} {"rowid":8,"select":"x"}"""]);
        _database.Run("INSERT INTO parent VALUES (1)");
        _database.Run("INSERT INTO child VALUES (5, 1)");
        await TakeAsync(stream);
        (await _database.BriefAsync(stream, "DELETE FROM parent")).ShouldBe(["""child d {"id":5,"p":1} null"""]);
    }

    [Fact]
    public async Task What_triggers_of_the_table_do_comes_behind_what_fired_them()
    {
        _database.Run("CREATE TRIGGER early AFTER INSERT ON t BEGIN UPDATE t SET a = a + 1 WHERE id = NEW.id; END");
        await PutAsync();
        _database.Run("CREATE TRIGGER late AFTER UPDATE ON t WHEN NEW.a < 5 BEGIN UPDATE t SET a = 5 WHERE id = NEW.id; SELECT RAISE(IGNORE); END");
        await using var stream = await _database.OpenAsync();

        (await _database.BriefAsync(stream, "INSERT INTO t VALUES (1, 1)")).ShouldBe(
            ["""t c null {"id":1,"a":1}""", """t u {"id":1,"a":1} {"id":1,"a":2}""", """t u {"id":1,"a":2} {"id":1,"a":5}"""]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_what_guests_make_of_a_row_one_change_is_told(bool isJudgedFirst)
    {
        var times = 0;
        _judge = (name, payload) => name == "first" ? """{"allow":true,"new":{"a":TIMES}}""".Replace("TIMES", $"{++times}", StringComparison.Ordinal)
            : name == "second" && JsonNode.Parse(payload)!["new"]!["id"]!.GetValue<int>() == 2 ? """{"allow":true,"new":{"a":"second"}}"""
            : """{"allow":true}""";
        void Judge()
        {
            _database.Judge("first", "before_insert", "before_update");
            _database.Judge("second", "before_insert");
        }

        if (isJudgedFirst)
        {
            Judge();
        }

        await PutAsync();
        if (!isJudgedFirst)
        {
            Judge();
        }

        await using var stream = await _database.OpenAsync();
        (await _database.BriefAsync(stream, "INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z')")).ShouldBe(
            ["""t c null {"id":1,"a":1}""", """t c null {"id":2,"a":"second"}""", """t c null {"id":3,"a":3}"""]);
        (await _database.BriefAsync(stream, "UPDATE t SET a = 'w' WHERE id < 3")).ShouldBe(
            ["""t u {"id":1,"a":1} {"id":1,"a":4}""", """t u {"id":2,"a":"second"} {"id":2,"a":5}"""]);
        _database.Rows("SELECT a FROM t").ShouldBe("[[4],[5],[3]]");

        _database.Run("CREATE TRIGGER mine AFTER UPDATE ON t WHEN NEW.a = 6 BEGIN UPDATE t SET a = 'mine' WHERE id = 3; END");
        (await _database.BriefAsync(stream, "UPDATE t SET a = 'v' WHERE id = 1")).ShouldBe(
            ["""t u {"id":1,"a":4} {"id":1,"a":6}""", """t u {"id":3,"a":3} {"id":3,"a":"mine"}"""]);
    }

    [Fact]
    public async Task A_row_that_is_rejected_is_not_told()
    {
        _judge = (_, payload) => JsonNode.Parse(payload)!["new"]!["id"]!.GetValue<int>() == 2 ? """{"allow":false}""" : """{"allow":true}""";
        _database.Judge("judge", "before_insert");
        await PutAsync();
        await using var stream = await _database.OpenAsync();
        _database.Refused("INSERT INTO t VALUES (1, 1), (2, 2)").ShouldNotBeNull();

        (await _database.BriefAsync(stream, "INSERT INTO t VALUES (3, 3)")).ShouldBe(["""t c null {"id":3,"a":3}"""]);
    }

    [Theory]
    [InlineData("INSERT INTO helios_changes VALUES (1, NULL, 't', x'00')")]
    [InlineData("UPDATE helios_pipelines SET position = 0")]
    [InlineData("DELETE FROM helios_changes")]
    [InlineData("DELETE FROM helios_dead_changes")]
    [InlineData("DROP TABLE helios_changes")]
    [InlineData("ALTER TABLE helios_changes RENAME TO mine")]
    [InlineData("CREATE INDEX i ON helios_changes (table_name)")]
    [InlineData("CREATE TABLE helios_other (a)")]
    [InlineData("CREATE VIEW helios_other AS SELECT 1")]
    [InlineData("CREATE TRIGGER x AFTER INSERT ON helios_changes BEGIN SELECT 1; END")]
    [InlineData("DROP TRIGGER \"helios>t:insert\"")]
    [InlineData("CREATE TRIGGER \"helios>t:more\" AFTER INSERT ON t BEGIN SELECT 1; END")]
    [InlineData("CREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM helios_changes; END; ", "INSERT INTO t VALUES (1, 1)")]
    [InlineData("CREATE VIEW v AS SELECT * FROM helios_changes", "INSERT INTO t SELECT seq, 1 FROM v")]
    [InlineData("CREATE VIEW \"helios>v\" AS SELECT * FROM helios_changes")]
    [InlineData("CREATE VIEW v AS WITH 'helios>v' AS (SELECT * FROM helios_changes) SELECT * FROM \"helios>v\"")]
    [InlineData("INSERT INTO t WITH \"helios>v\" AS (SELECT seq FROM helios_changes) SELECT seq, 1 FROM \"helios>v\"")]
    [InlineData("INSERT INTO t SELECT 1, helios_change('{}')")]
    [InlineData("INSERT INTO t WITH [helios:v] AS (SELECT 1, helios_amended()) SELECT * FROM [helios:v]")]
    [InlineData("INSERT INTO t SELECT seq, 1 FROM helios_changes")]
    [InlineData("ALTER TABLE t ADD COLUMN b")]
    [InlineData("ALTER TABLE t RENAME TO u")]
    [InlineData("DROP TABLE t")]
    public async Task Guests_cannot_touch_what_captures(params string[] statements)
    {
        await PutAsync();
        foreach (var sql in statements[..^1])
        {
            _database.Run(sql);
        }

        _database.Refused(statements[^1]).ShouldNotBeNull().State.ShouldBe("42501");
    }

    [Theory]
    [InlineData("SELECT * FROM helios_changes")]
    [InlineData("SELECT count(*) FROM helios_pipelines")]
    [InlineData("WITH \"helios>v\" AS (SELECT * FROM helios_changes) SELECT * FROM \"helios>v\"")]
    [InlineData("WITH 'HELIOS>v' AS (SELECT helios_amended()) SELECT * FROM \"HELIOS>v\"")]
    public async Task Guests_cannot_read_it_either(string sql)
    {
        await PutAsync();
        _database.RefusedQuery(sql).ShouldNotBeNull().State.ShouldBe("25006");
        _database.Rows("SELECT 'helios: all is well'").ShouldBe("""[["helios: all is well"]]""");
    }

    [Fact]
    public async Task A_table_is_free_again_once_nobody_wants_its_changes()
    {
        await PutAsync();
        await _database.Changes.PutAsync(Define("q"), Soon);
        await _database.Changes.DeleteAsync("p", Soon);
        _database.Refused("DROP TABLE t").ShouldNotBeNull();
        await _database.Changes.DeleteAsync("q", Soon);

        _database.Run("INSERT INTO t VALUES (1, 1)");
        _database.Run("DROP TABLE t");
    }

    [Fact]
    public async Task A_program_that_opens_the_file_by_itself_does_not_slip_past()
    {
        await PutAsync();
        _database.Close();

        using var other = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_database.File};Pooling=False");
        other.Open();
        using var command = other.CreateCommand();
        command.CommandText = "INSERT INTO t VALUES (1, 1)";
        Should.Throw<Microsoft.Data.Sqlite.SqliteException>(() => command.ExecuteNonQuery()).Message.ShouldContain("helios_change");
    }

    private Task PutAsync(params string[] tables) => _database.Changes.PutAsync(Define(tables: tables.Length == 0 ? null : tables), Soon);
}
