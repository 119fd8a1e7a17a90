using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Data.Databases;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Tests.Databases;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Pipelines;

/// <summary>The sample that keeps a table of what each customer has ordered.</summary>
public sealed class OrderTotalsTests
{
    [PostgresTheory]
    [InlineData("order_totals", "main", "wasmtime")]
    [InlineData("order_totals_as", "main", "managed")]
    [InlineData("order_totals", "orders", "managed")]
    [InlineData("order_totals_as", "orders", "wasmtime")]
    public async Task A_table_has_the_totals_of_all_orders(string sample, string database, string engine)
    {
        var address = await PostgresServer.NewOwnedDatabaseAsync(replicates: true);
        await using var silo = await TestSilo.StartAsync(
            regions: ["eu"], configure: options => options with { AllowedEngines = [EngineKind.Managed], Databases = DatabaseSettingText.Parse($"orders={address}", ["eu"]) });
        var module = await silo.UploadAsync(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "samples", $"{sample}.wasm")));
        await Answer.JsonAsync(await silo.RegisterAsync("totals", new JsonObject { ["module"] = (await Answer.JsonAsync(module))["hash"]!.DeepClone(), ["engine"] = engine }.ToJsonString()));
        await RunAsync(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT NOT NULL, total INTEGER NOT NULL, placed TEXT)",
            "CREATE TABLE order_totals (customer TEXT PRIMARY KEY, orders INTEGER, total INTEGER)",
            "INSERT INTO orders VALUES (1, 'Ada', 1600, NULL), (2, 'Bob \"B\" ä', 700, 'today')");
        if (database == "orders")
        {
            // Without it PostgreSQL does not tell what a row was before.
            await RunAsync("ALTER TABLE orders REPLICA IDENTITY FULL");
        }

        var pipeline = new JsonObject
        {
            ["source"] = new JsonObject { ["database"] = database, ["tables"] = new JsonArray("orders"), ["snapshot"] = "initial" },
            ["function"] = "totals",
            ["sink"] = new JsonObject { ["table"] = "order_totals" },
        };
        await Answer.JsonAsync(await silo.Http.PutAsync("/v1/pipelines/totals", new StringContent(pipeline.ToJsonString(), Encoding.UTF8, "application/json")));
        await RunAsync("INSERT INTO orders VALUES (3, 'Ada', 5, NULL)", "UPDATE orders SET customer = 'Cleo' WHERE id = 2", "UPDATE orders SET total = 1500 WHERE id = 1");
        await RunAsync("INSERT INTO orders VALUES (4, 'Bob \"B\" ä', 1, NULL), (5, 'Eve', 50, NULL)", "DELETE FROM orders WHERE id = 3");

        await Eventually.HoldsAsync("the totals are those of the orders", async () => await RowsAsync("SELECT * FROM order_totals WHERE orders <> 0 ORDER BY customer")
            == await RowsAsync("SELECT customer, count(*), sum(total) FROM orders GROUP BY customer ORDER BY customer"));

        async Task RunAsync(params string[] statements) => await Answer.JsonAsync(await silo.Http.SendAsync("batch", SqlOverHttp.Batch(statements), database: database));

        async Task<string> RowsAsync(string sql) =>
            (await Answer.JsonAsync(await silo.Http.SendAsync("query", SqlOverHttp.Statement(sql), database: database)))["rows"]!.ToJsonString();
    }
}
