using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using Npgsql;

namespace HeliosEdge.Data.Tests.Postgres.Changes;

/// <summary>A database of the test's own, whose login may do what pipelines need.</summary>
[Collection(ChangesCollection.Name)]
public abstract class PipelineTest : IAsyncLifetime
{
    private protected const string Region = "eu";

    private readonly List<IChangeStream> _streams = [];
    private NpgsqlConnection _connection = null!;

    private protected TestDatabase Test { get; } = new();

    private protected ISqlChanges Changes { get; private set; } = null!;

    private protected string Login => Test.Settings.Username!;

    public virtual async Task InitializeAsync()
    {
        await Test.InitializeAsync();
        if (PostgresServer.WhySkipped is not null)
        {
            return;
        }

        await SuperAsync($"ALTER ROLE {Login} REPLICATION");
        Changes = Test.Database.In(Region, new Judges()).Changes!;
        _connection = await ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        if (PostgresServer.WhySkipped is null)
        {
            await CloseAsync();
            foreach (var pipeline in await Changes.ListAsync(default))
            {
                await Changes.DeleteAsync(pipeline.Definition.Name, default);
            }

            await _connection.DisposeAsync();
        }

        await Test.DisposeAsync();
    }

    private protected async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Test.Settings.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Runs statements, each in a transaction of its own.</summary>
    private protected async Task WriteAsync(params string[] statements)
    {
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, _connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    private protected async Task<T> ReadAsync<T>(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private protected Task SuperAsync(string sql) => Test.AskAsync<object?>(sql);

    private protected static PipelineDefinition Define(string name, params string[] tables) =>
        new(name, [.. tables], false, "f", 500, 1, ChangeOrder.Table, OnChangeError.Retry, 1_024, null);

    private protected async Task PutAsync(string name, params string[] tables) => await Changes.PutAsync(Define(name, tables), default);

    /// <summary>Opens a pipeline once nobody has it.</summary>
    private protected async Task<IChangeStream> OpenAsync(string name, ISqlChanges? changes = null)
    {
        IChangeStream? stream = null;
        await Eventually.HoldsAsync($"{name} can be opened", async () => (stream = await (changes ?? Changes).TryOpenAsync(name, default)) is not null);
        _streams.Add(stream!);
        return stream!;
    }

    private protected async Task CloseAsync()
    {
        foreach (var stream in _streams)
        {
            await stream.DisposeAsync();
        }

        _streams.Clear();
    }

    /// <summary>Reads and delivers changes until there are so many.</summary>
    private protected static async Task<List<JsonObject>> TakeAsync(IChangeStream stream, int count)
    {
        List<JsonObject> events = [];
        var batch = new ChangeBatch();
        while (events.Count < count)
        {
            await stream.ReadAsync(batch, 1 << 20, default);
            events.AddRange(EventsOf(batch));
            await stream.CommitAsync(CommitOf(batch), default);
        }

        events.Count.ShouldBe(count);
        return events;
    }

    private protected static List<JsonObject> EventsOf(ChangeBatch batch) =>
        [.. JsonNode.Parse($"[{Encoding.UTF8.GetString(batch.Events(0, batch.Count).Span)}]")!.AsArray().Select(node => node!.AsObject())];

    private protected static ChangeCommit CommitOf(ChangeBatch batch, params TableRecord[] records) => new(batch[^1], batch.Count, [.. records], [], 1);

    private protected static TableRecord Record(TableVerb verb, string json) => new(verb, JsonDocument.Parse(json).RootElement);

    private protected static async Task<SandboxException> RefusedAsync(Func<Task> act, string code)
    {
        var refused = await Should.ThrowAsync<SandboxException>(act);
        refused.Code.ShouldBe(code, refused.Message);
        return refused;
    }

    private protected async Task<PipelineStatus> StatusAsync(string name) => (await Changes.ListAsync(default)).Single(status => status.Definition.Name == name);
}
