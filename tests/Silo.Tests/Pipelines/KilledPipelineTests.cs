using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Databases;
using HeliosEdge.Silo.Tests.Running;
using Xunit.Abstractions;

namespace HeliosEdge.Silo.Tests.Pipelines;

/// <summary>Pipelines of silos that are killed while others write.</summary>
[Trait("Category", "Process")]
public sealed class KilledPipelineTests(ITestOutputHelper output)
{
    private const int Rows = 50;
    private const int Writes = 600;
    private const int Kills = 3;

    [PostgresTheory]
    [InlineData("main")]
    [InlineData("orders")]
    public async Task A_killed_silo_loses_and_reorders_nothing(string database)
    {
        using var folder = new TemporaryFolder();
        await using var webhook = await Webhook.StartAsync();
        var address = new Uri($"http://127.0.0.1:{FreePorts.Take()}");
        var orders = await PostgresServer.NewOwnedDatabaseAsync(replicates: true);
        using var http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(1) };
        var silo = await StartAsync(folder, address, orders);
        try
        {
            await PrepareAsync(http, database, webhook);
            var written = new int[1];
            var up = new TaskCompletionSource();
            up.SetResult();
            var writing = Task.Run(() => WriteAsync(http, database, written, () => Volatile.Read(ref up).Task));
            for (var kill = 1; kill <= Kills; kill++)
            {
                await Eventually.HoldsAsync("enough is written", () => Volatile.Read(ref written[0]) >= Writes * kill / (Kills + 1));
                await silo.KillAsync();
                Volatile.Write(ref up, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                writing.IsCompleted.ShouldBeFalse("the silo was killed too late to prove anything");
                await silo.DisposeAsync();
                silo = await StartAsync(folder, address, orders);
                up.SetResult();
            }

            await writing;
            await WaitForCopyAsync(http, database);
            await WaitForEventsAsync(http, database, webhook);
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_silo_of_the_cluster_takes_over(bool isFrozen)
    {
        var store = await PostgresServer.NewDatabaseAsync();
        var orders = await PostgresServer.NewOwnedDatabaseAsync(replicates: true);
        await using var webhook = await Webhook.StartAsync();
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        var silos = new[] { await StartAsync(first, new Uri("http://127.0.0.1:0"), orders, store), await StartAsync(second, new Uri("http://127.0.0.1:0"), orders, store) };
        try
        {
            var clients = new[] { new HttpClient { BaseAddress = await silos[0].AddressAsync() }, new HttpClient { BaseAddress = await silos[1].AddressAsync() } };
            await PrepareAsync(clients[0], "orders", webhook);
            await ExecuteAsync(clients[0], "orders", "INSERT INTO things VALUES (1, 1)");
            await WaitForCopyAsync(clients[1], "orders");

            var owner = silos[0].Output.Contains("The pipeline copies in eu-west delivers from this silo", StringComparison.Ordinal) ? 0 : 1;
            silos[1 - owner].Output.ShouldNotContain("The pipeline copies in eu-west delivers from this silo");
            await (isFrozen ? silos[owner].FreezeAsync() : silos[owner].KillAsync());
            var started = System.Diagnostics.Stopwatch.StartNew();

            await ExecuteAsync(clients[1 - owner], "orders", "INSERT INTO things VALUES (2, 1)");
            await WaitForCopyAsync(clients[1 - owner], "orders");
            silos[1 - owner].Output.ShouldContain("The pipeline copies in eu-west delivers from this silo");
            output.WriteLine($"taken over after {started.Elapsed.TotalSeconds:0.0} s");
            Array.ForEach(clients, client => client.Dispose());
        }
        finally
        {
            await silos[0].DisposeAsync();
            await silos[1].DisposeAsync();
        }
    }

    private static async Task<SiloProcess> StartAsync(TemporaryFolder folder, Uri address, string orders, string store = "sqlite")
    {
        var policy = Path.Combine(folder.Path, "policy.json");
        await File.WriteAllTextAsync(policy, """{"allowPrivateNetworks": true}""");
        var silo = SiloProcess.Start(
            ["--policy", policy, "--data", folder.Path, "--urls", address.ToString(), "--regions", "eu-west", "--silo-port", "0"],
            ("HELIOS_STORE", store),
            ("HELIOS_DATABASE", $"orders={orders}"));
        await silo.AddressAsync();
        return silo;
    }

    // One pipeline into a table, which is exact, and one to a webhook, which may repeat itself.
    private static async Task PrepareAsync(HttpClient http, string database, Webhook webhook)
    {
        await ExecuteAsync(http, database, "CREATE TABLE things (id INTEGER PRIMARY KEY, version INTEGER)");
        await ExecuteAsync(http, database, "CREATE TABLE copies (id INTEGER PRIMARY KEY, version INTEGER)");
        var module = (await Answer.JsonAsync(await http.PutAsync("/v1/modules", new ByteArrayContent(TestSilo.Guest("pipeline")))))["hash"]!.GetValue<string>();
        await PutAsync(http, "functions/copy", new JsonObject { ["module"] = module, ["entry"] = "copy" });
        await PutAsync(
            http, "functions/echo", new JsonObject { ["module"] = module, ["entry"] = "echo", ["capabilities"] = new JsonArray("http.outbound"), ["allowedHosts"] = new JsonArray(webhook.Host) });
        var source = new JsonObject { ["database"] = database, ["tables"] = new JsonArray("things") };
        await PutAsync(http, "pipelines/copies", new JsonObject { ["source"] = source.DeepClone(), ["function"] = "copy", ["sink"] = new JsonObject { ["table"] = "copies" } });
        await PutAsync(http, "pipelines/events", new JsonObject { ["source"] = source, ["function"] = "echo", ["sink"] = new JsonObject { ["webhook"] = webhook.Address } });
    }

    private static async Task PutAsync(HttpClient http, string path, JsonObject body) =>
        await Answer.JsonAsync(await http.PutAsync($"/v1/{path}", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json")));

    private static async Task ExecuteAsync(HttpClient http, string database, string sql) =>
        await Answer.JsonAsync(await http.SendAsync("execute", SqlOverHttp.Statement(sql), database: database));

    // A writer that saw no answer writes the same again: the version says which write it is.
    private static async Task WriteAsync(HttpClient http, string database, int[] written, Func<Task> isUp)
    {
        for (var write = 1; write <= Writes; write++)
        {
            var sql = string.Create(CultureInfo.InvariantCulture, $"INSERT INTO things VALUES ({write % Rows}, {write}) ON CONFLICT (id) DO UPDATE SET version = excluded.version");
            while (true)
            {
                await isUp();
                try
                {
                    using var answer = await http.SendAsync("execute", SqlOverHttp.Statement(sql), database: database);
                    if (answer.StatusCode == HttpStatusCode.OK)
                    {
                        break;
                    }
                }
                catch (HttpRequestException)
                {
                    // The silo is being killed.
                }
            }

            Volatile.Write(ref written[0], write);
        }
    }

    private static async Task WaitForCopyAsync(HttpClient http, string database)
    {
        var things = await RowsAsync(http, database, "things");
        await Eventually.HoldsAsync("the copy is as the table", async () => await RowsAsync(http, database, "copies") == things);
        foreach (var pipeline in (await Answer.JsonAsync(await http.GetAsync($"/v1/pipelines?database={database}")))["pipelines"]!.AsArray())
        {
            pipeline!["dead"]!.GetValue<long>().ShouldBe(0, pipeline.ToJsonString());
        }
    }

    // Events may come again from an earlier one on; what comes then is what came before, in the same order.
    private static async Task WaitForEventsAsync(HttpClient http, string database, Webhook webhook)
    {
        await Eventually.HoldsAsync("the last write came", () => webhook.Events.Any(change => Version(change) == Writes));
        var next = 1;
        var last = 0;
        foreach (var version in webhook.Events.Select(Version))
        {
            version.ShouldBeLessThanOrEqualTo(next, $"after {last}; {database}");
            (version == last || version == last + 1 || version < last).ShouldBeTrue($"{version} came after {last}");
            last = version;
            next = Math.Max(next, version + 1);
        }

        next.ShouldBe(Writes + 1);
        (await RowsAsync(http, database, "things")).ShouldContain($"{Writes}");
    }

    private static int Version(JsonNode change) => change["after"]!["version"]!.GetValue<int>();

    private static async Task<string> RowsAsync(HttpClient http, string database, string table) =>
        (await Answer.JsonAsync(await http.SendAsync("query", SqlOverHttp.Statement($"SELECT * FROM {table} ORDER BY id"), database: database)))["rows"]!.ToJsonString();
}
