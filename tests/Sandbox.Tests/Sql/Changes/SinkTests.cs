using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using static HeliosEdge.Sandbox.Tests.Sql.Changes.ChangeDatabase;

namespace HeliosEdge.Sandbox.Tests.Sql.Changes;

public sealed class SinkTests : IAsyncLifetime
{
    private readonly ChangeDatabase _database;
    private readonly ChangeBatch _batch = new();
    private IChangeStream _stream = null!;

    public SinkTests()
    {
        _database = new ChangeDatabase(new ScriptedFunctions([], (_, payload) =>
            payload.Contains("\"bad\"", StringComparison.Ordinal) ? """{"allow":false,"reason":"bad"}"""u8.ToArray() : """{"allow":true}"""u8.ToArray()));
        _database.Run("CREATE TABLE source (id INTEGER PRIMARY KEY)");
        _database.Run("CREATE TABLE t (k TEXT, l INTEGER, n INTEGER CHECK (n < 1000), x, PRIMARY KEY (k, l))");
    }

    public async Task InitializeAsync()
    {
        await _database.Changes.PutAsync(Define(tables: ["source"], sink: "T"), Soon);
        _stream = await _database.OpenAsync();
        _database.Run("INSERT INTO source VALUES (1)");
        await _stream.ReadAsync(_batch, AnyBytes, Soon);
    }

    public async Task DisposeAsync()
    {
        await _stream.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task Records_set_add_and_delete()
    {
        _database.Run("INSERT INTO t VALUES ('a', 1, NULL, 'old'), ('b', 1, 5, 'old'), ('c', 1, 7, 'old')");
        await CommitAsync(
            Record(TableVerb.Upsert, """{"k":"a","l":1,"n":3}"""),
            Record(TableVerb.Upsert, """{"k":"new","l":1,"x":{"base64":"AQI="}}"""),
            Record(TableVerb.Add, """{"k":"b","l":1,"n":10}"""),
            Record(TableVerb.Add, """{"l":2,"k":"b","n":10}"""),
            Record(TableVerb.Add, """{"k":"b","l":2,"n":-0.5}"""),
            Record(TableVerb.Upsert, """{"k":"only","l":1}"""),
            Record(TableVerb.Upsert, """{"k":"only","l":1}"""),
            Record(TableVerb.Delete, """{"k":"c","l":1,"x":"whatever"}"""),
            Record(TableVerb.Delete, """{"k":"nobody","l":1}"""));

        _database.Rows("SELECT k, l, n, hex(x) FROM t ORDER BY k, l").ShouldBe(
            """[["a",1,3,"6F6C64"],["b",1,15,"6F6C64"],["b",2,9.5,""],["new",1,null,"0102"],["only",1,null,""]]""");
        (await _database.StatusAsync()).Position.ShouldBe("1");
    }

    [Theory]
    [InlineData(TableVerb.Upsert, """{"k":"a","l":1,"y":1}""", "no column \"y\"")]
    [InlineData(TableVerb.Upsert, """{"k":"a"}""", "column \"l\" of the primary key is missing")]
    [InlineData(TableVerb.Upsert, """{"k":"a","l":null}""", "column \"l\" of the primary key is null")]
    [InlineData(TableVerb.Delete, """{"k":"a"}""", "column \"l\" of the primary key is missing")]
    [InlineData(TableVerb.Upsert, """{"k":"a","l":1,"n":5000}""", "CHECK constraint failed: n < 1000")]
    [InlineData(TableVerb.Add, """{"k":"a","l":1,"n":990}""", "CHECK constraint failed")]
    [InlineData(TableVerb.Add, """{"k":"a","l":1,"x":"1"}""", "the column \"x\", which is to be added, is not a number")]
    [InlineData(TableVerb.Upsert, """{"k":"a","l":1,"x":[1]}""", "the column \"x\" must be null, a boolean, a number")]
    [InlineData(TableVerb.Upsert, """{"k":"a","l":1,"x":99999999999999999999}""", "the column \"x\" is")]
    [InlineData(TableVerb.Upsert, """{"k":"a","k":"b","l":1}""", "column \"k\" twice")]
    [InlineData(TableVerb.Upsert, "[1]", "it is no object")]
    [InlineData(TableVerb.Upsert, """{"k":"bad","l":1}""", "rejected the row")]
    public async Task What_the_table_does_not_take_is_told_and_nothing_stays(TableVerb verb, string record, string why)
    {
        _database.Judge("judge", "before_insert");
        _database.Run("INSERT INTO t VALUES ('a', 1, 500, NULL)");

        var refused = await Should.ThrowAsync<SandboxException>(() => CommitAsync(Record(TableVerb.Upsert, """{"k":"first","l":1}"""), Record(verb, record)));
        refused.Code.ShouldBe(ErrorCodes.SinkFailed);
        refused.Message.ShouldStartWith("""The table "t" does not take record 2: """);
        refused.Message.ShouldContain(why);
        _database.Rows("SELECT k, n FROM t").ShouldBe("""[["a",500]]""");
        (await _database.StatusAsync()).Position.ShouldBeNull();

        // The same changes may be delivered in another way.
        await CommitAsync(Record(TableVerb.Upsert, """{"k":"a","l":1,"n":1}"""));
        _database.Rows("SELECT k, n FROM t").ShouldBe("""[["a",1]]""");
    }

    [Fact]
    public async Task A_sink_that_is_gone_fails()
    {
        _database.Run("DROP TABLE t");
        (await Should.ThrowAsync<SandboxException>(() => CommitAsync(Record(TableVerb.Upsert, """{"k":"a","l":1}""")))).Code.ShouldBe(ErrorCodes.SinkFailed);
        await CommitAsync();
    }

    [Fact]
    public async Task What_is_written_to_a_sink_is_a_change_to_others()
    {
        await _database.Changes.PutAsync(Define("q"), Soon);
        await using var next = await _database.OpenAsync("q");
        await CommitAsync(Record(TableVerb.Upsert, """{"k":"a","l":1,"n":1}"""));
        Brief(await TakeAsync(next)).ShouldBe(["""t c null {"k":"a","l":1,"n":1,"x":null}"""]);
    }

    private Task CommitAsync(params TableRecord[] records) => _stream.CommitAsync(Commit(_batch, records), Soon);
}
