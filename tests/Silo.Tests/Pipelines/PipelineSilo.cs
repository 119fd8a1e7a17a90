using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HeliosEdge.Data.Databases;
using HeliosEdge.Silo.Tests.Databases;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Pipelines;

/// <summary>A silo with a table in one of its databases, and a guest that gets its changes.</summary>
internal sealed class PipelineSilo : IAsyncDisposable
{
    /// <summary>The database that is PostgreSQL; <c>main</c> is SQLite.</summary>
    public const string Postgres = "orders";

    private readonly TestSilo _silo;
    private readonly string _database;
    private string _module = "";

    private PipelineSilo(TestSilo silo, string database)
    {
        _silo = silo;
        _database = database;
    }

    public HttpClient Http => _silo.Http;

    public static async Task<PipelineSilo> StartAsync(string database)
    {
        var address = await PostgresServer.NewOwnedDatabaseAsync(replicates: true);
        var silo = new PipelineSilo(
            await TestSilo.StartAsync(
                regions: ["eu"], allowPrivateNetworks: true, configure: options => options with { Databases = DatabaseSettingText.Parse($"{Postgres}={address}", ["eu"]) }),
            database);
        silo._module = (await Answer.JsonAsync(await silo._silo.UploadAsync(TestSilo.Guest("pipeline"))))["hash"]!.GetValue<string>();
        await silo.ExecuteAsync("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, version INTEGER)");
        await silo.ExecuteAsync("CREATE TABLE copies (id INTEGER PRIMARY KEY, name TEXT, version INTEGER)");
        return silo;
    }

    /// <summary>The source of a pipeline of <c>things</c>.</summary>
    public JsonObject Things(string snapshot) => new() { ["database"] = _database, ["tables"] = new JsonArray("things"), ["snapshot"] = snapshot };

    /// <summary>Registers an entry of the guest.</summary>
    public async Task DeployAsync(string name, string entry, params string[] allowedHosts)
    {
        var body = new JsonObject { ["module"] = _module, ["entry"] = entry };
        if (allowedHosts.Length > 0)
        {
            body["capabilities"] = new JsonArray("http.outbound");
            body["allowedHosts"] = JsonSerializer.SerializeToNode(allowedHosts);
        }

        await Answer.JsonAsync(await _silo.RegisterAsync(name, body.ToJsonString()));
    }

    public Task DeleteFunctionAsync(string name) => Http.DeleteAsync($"/v1/functions/{name}");

    /// <summary>Sends the registration of a pipeline of <c>things</c>.</summary>
    public Task<HttpResponseMessage> SendAsync(string name, string function, JsonObject? changes = null)
    {
        var body = new JsonObject
        {
            ["source"] = Things("initial"),
            ["function"] = function,
        };
        foreach (var (member, value) in changes ?? [])
        {
            body[member] = value?.DeepClone();
        }

        return Http.PutAsync($"/v1/pipelines/{name}", Json(body));
    }

    public async Task<JsonNode> PutAsync(string name, string function, JsonObject? changes = null) => await Answer.JsonAsync(await SendAsync(name, function, changes));

    public Task<HttpResponseMessage> PostAsync(string path, JsonObject? body = null) =>
        Http.PostAsync($"/v1/pipelines/{path}?database={_database}", body is null ? null : Json(body));

    public Task<HttpResponseMessage> DeleteAsync(string path) => Http.DeleteAsync($"/v1/pipelines/{path}?database={_database}");

    /// <summary>A pipeline as it is now.</summary>
    public async Task<JsonNode> FindAsync(string name) =>
        (await Answer.JsonAsync(await Http.GetAsync($"/v1/pipelines?database={_database}")))["pipelines"]!.AsArray().Single(pipeline => pipeline!["name"]!.GetValue<string>() == name)!;

    public Task<JsonNode> WaitForAsync(string name, string state) => WaitForAsync(name, state, pipeline => pipeline["state"]!.GetValue<string>() == state);

    public Task<JsonNode> WaitForAsync(string name, long delivered) =>
        WaitForAsync(name, $"{delivered} delivered", pipeline => pipeline["delivered"]!.GetValue<long>() >= delivered);

    public async Task<JsonNode> WaitForAsync(string name, string what, Func<JsonNode, bool> holds)
    {
        JsonNode pipeline = new JsonObject();
        try
        {
            await Eventually.HoldsAsync(what, async () => holds(pipeline = await FindAsync(name)));
        }
        catch (ShouldAssertException e)
        {
            throw new ShouldAssertException($"{e.Message}: {pipeline}");
        }

        return pipeline;
    }

    public async Task<JsonArray> DeadAsync(string name) =>
        (await Answer.JsonAsync(await Http.GetAsync($"/v1/pipelines/{name}/dead?database={_database}")))["changes"]!.AsArray();

    public async Task ExecuteAsync(string sql, params object?[] parameters) =>
        await Answer.JsonAsync(await Http.SendAsync("execute", SqlOverHttp.Statement(sql, parameters), database: _database));

    public async Task BatchAsync(params string[] statements) => await Answer.JsonAsync(await Http.SendAsync("batch", SqlOverHttp.Batch(statements), database: _database));

    public async Task<string> RowsAsync(string sql) =>
        (await Answer.JsonAsync(await Http.SendAsync("query", SqlOverHttp.Statement(sql), database: _database)))["rows"]!.ToJsonString();

    /// <summary>Waits until a webhook has taken so many events.</summary>
    public async Task<JsonNode[]> WaitForEventsAsync(Webhook webhook, string name, int count)
    {
        while (webhook.Events.Count < count)
        {
            (await webhook.WaitForRequestAsync()).ShouldBeTrue($"no request came any more after {webhook.Events.Count} events: {await FindAsync(name)}");
        }

        return [.. webhook.Events];
    }

    /// <summary>Waits until the sink has the rows of the table.</summary>
    public async Task WaitForCopyAsync()
    {
        var things = await RowsAsync("SELECT * FROM things ORDER BY id");
        var copies = "";
        try
        {
            await Eventually.HoldsAsync("the copy is as the table", async () => things == (copies = await RowsAsync("SELECT * FROM copies ORDER BY id")));
        }
        catch (ShouldAssertException)
        {
            copies.ShouldBe(things);
            throw;
        }
    }

    public ValueTask DisposeAsync() => _silo.DisposeAsync();

    private static StringContent Json(JsonObject body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");
}
