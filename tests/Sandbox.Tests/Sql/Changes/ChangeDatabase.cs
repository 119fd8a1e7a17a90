using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using HeliosEdge.Sandbox.HostServices.Sql.Functions;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;
using HeliosEdge.Sandbox.Tests.Storage;

namespace HeliosEdge.Sandbox.Tests.Sql.Changes;

/// <summary>A region's database whose changes are captured.</summary>
internal sealed class ChangeDatabase(ISqlFunctions? functions = null, int maxPages = SqliteRegionDatabases.DefaultMaxPages) : IDisposable
{
    public const int AnyBytes = 1 << 20;

    private readonly TemporaryFile _file = new();
    private SqliteRegionDatabases? _databases;

    public static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    public ISqlDatabase Sql => (_databases ??= new SqliteRegionDatabases(System.IO.Path.GetDirectoryName(_file.Path)!, maxPages: maxPages, functions: functions is null ? null : () => functions))
        .Find("eu", "main")!;

    public ISqlChanges Changes => Sql.Changes!;

    public string File => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(_file.Path)!, "eu.db");

    private static SqlPatience Patience => SqlPatience.For(TimeSpan.FromMinutes(1), CancellationToken.None);

    public static PipelineDefinition Define(
        string name = "p", string[]? tables = null, bool snapshot = false, int maxRows = 100, int maxWaitMs = 0, int maxRetainedMiB = 64, string? sink = null) =>
        new(name, [.. tables ?? ["t"]], snapshot, "f", maxRows, maxWaitMs, ChangeOrder.Table, OnChangeError.Retry, maxRetainedMiB, sink is null ? null : new PipelineSink(sink, null, null));

    public static TableRecord Record(TableVerb verb, string json) => new(verb, JsonDocument.Parse(json).RootElement);

    /// <summary>The events of a batch, those members aside that are never the same.</summary>
    public static List<JsonNode> EventsOf(ChangeBatch batch) => batch.Count == 0
        ? []
        : [.. JsonNode.Parse($"[{Encoding.UTF8.GetString(batch.Events(0, batch.Count).Span)}]")!.AsArray().Select(item => item!.DeepClone())];

    /// <summary>Events in few words: <c>t c null {"id":1}</c>.</summary>
    public static IEnumerable<string> Brief(IEnumerable<JsonNode> events) =>
        events.Select(item => $"{item["source"]!["table"]} {item["op"]} {item["before"]?.ToJsonString() ?? "null"} {item["after"]?.ToJsonString() ?? "null"}");

    public async Task<IChangeStream> OpenAsync(string name = "p") => (await Changes.TryOpenAsync(name, Soon)).ShouldNotBeNull();

    /// <summary>The next events, delivered.</summary>
    public static async Task<List<JsonNode>> TakeAsync(IChangeStream stream, params TableRecord[] records)
    {
        var batch = new ChangeBatch();
        await stream.ReadAsync(batch, AnyBytes, Soon);
        await stream.CommitAsync(Commit(batch, records), Soon);
        return EventsOf(batch);
    }

    public static ChangeCommit Commit(ChangeBatch batch, params TableRecord[] records) => new(batch[batch.Count - 1], batch.Count, [.. records], [], 1);

    /// <summary>What one statement does, as it is told.</summary>
    public async Task<List<string>> BriefAsync(IChangeStream stream, string sql)
    {
        Run(sql);
        return [.. Brief(await TakeAsync(stream))];
    }

    public async Task<PipelineStatus> StatusAsync(string name = "p") => (await Changes.ListAsync(Soon)).Single(status => status.Definition.Name == name);

    public void Run(string sql) => Refused(sql).ShouldBeNull();

    public SqlError? Refused(string sql) => Sql.Run(new SqlStatement(sql, default, SqlAccess.Write), Patience).Error;

    public SqlError? RefusedQuery(string sql) => Sql.Run(new SqlStatement(sql, default, SqlAccess.Read), Patience).Error;

    public string Rows(string sql)
    {
        var answer = Sql.Run(new SqlStatement(sql, default, SqlAccess.Read), Patience);
        answer.Error.ShouldBeNull();
        return JsonNode.Parse(answer.Json.Span)!["rows"]!.ToJsonString();
    }

    /// <summary>Runs statements in one transaction.</summary>
    public void Transact(bool isKept, params string[] statements)
    {
        Sql.TryBegin(new SqlTerms(SqlAccess.Write), Patience, out var transaction, out _).ShouldBeTrue();
        using (transaction)
        {
            foreach (var sql in statements)
            {
                if (sql == "save")
                {
                    Undoomed(transaction!.Save(Patience));
                }
                else if (sql == "undo")
                {
                    Undoomed(transaction!.Undo(Patience));
                }
                else
                {
                    transaction!.Run(new SqlStatement(sql, default, SqlAccess.Write), Patience);
                }
            }

            if (isKept)
            {
                Undoomed(transaction!.Commit(Patience));
            }
        }

        // What a trigger has refused ends the transaction.
        static void Undoomed(SqlError? error) => (error is null || SqlFailure.IsOfTrigger(error)).ShouldBeTrue(error?.Message);
    }

    public void Judge(string name, params string[] events) => Sql.Triggers!.Put(new TriggerDefinition(name, "t", [.. events], name, null, []), Patience);

    /// <summary>Closes the database; it is opened anew when it is used next.</summary>
    public void Close()
    {
        _databases?.Dispose();
        _databases = null;
    }

    public void Dispose()
    {
        Close();
        _file.Dispose();
    }
}
