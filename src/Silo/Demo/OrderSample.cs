using System.Text;
using System.Text.Json.Nodes;

namespace HeliosEdge.Silo.Demo;

/// <summary>The sample procedure, its tables, the trigger that judges its orders and the pipeline that adds them up: in one region, for each has a database of its own.</summary>
internal static class OrderSample
{
    public const string Name = "process-order";

    private const string Trigger = "validate-order";

    private const string Pipeline = "order-totals";

    private const string Arguments = """[{"customer": "Ada", "lines": [{"item": "tea", "count": 2}]}]""";

    public static byte[] Payload { get; } = Encoding.UTF8.GetBytes(Arguments);

    /// <summary>Whether a region has the database; where silos share their state, not all have.</summary>
    public static async Task<bool> IsPossibleAsync(DemoClient silo, string region) =>
        (await silo.GetAsync($"/v1/databases?region={region}"))["databases"]!.AsArray().Any(database => database!["name"]!.GetValue<string>() == "main");

    /// <summary>Makes what is not there yet; the stock is full again after it.</summary>
    public static async Task DeployAsync(DemoClient silo, string region)
    {
        // A statement a line.
        var schema = (Encoding.UTF8.GetString(await DemoClient.ReadSampleAsync("orders.sql")) + Encoding.UTF8.GetString(await DemoClient.ReadSampleAsync("order_totals.sql")))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await silo.PostAsync($"/v1/databases/main/batch?region={region}", new JsonArray([.. schema.Select(sql => new JsonObject { ["sql"] = sql })]));
        await silo.PutAsync($"/v1/functions/{Trigger}", new JsonObject { ["module"] = await silo.UploadAsync("validate_order") });
        await silo.PutAsync(
            $"/v1/triggers/{Trigger}?region={region}",
            new JsonObject { ["table"] = "orders", ["events"] = new JsonArray("before_insert", "before_update"), ["function"] = Trigger });
        await silo.PutAsync($"/v1/functions/{Pipeline}", new JsonObject { ["module"] = await silo.UploadAsync("order_totals") });
        await silo.PutAsync($"/v1/pipelines/{Pipeline}?region={region}", new JsonObject
        {
            ["source"] = new JsonObject { ["tables"] = new JsonArray("orders"), ["snapshot"] = "initial" },
            ["function"] = Pipeline,
            ["sink"] = new JsonObject { ["table"] = "order_totals" },
        });
        await silo.PutAsync($"/v1/procedures/{Name}", new JsonObject { ["module"] = await silo.UploadAsync("process_order") });
    }

    public static string CallPath(string region) => $"/v1/procedures/{Name}/call?region={region}";

    /// <summary>Shell commands for somebody to try.</summary>
    public static IEnumerable<string> Commands(DemoClient silo, string region) =>
    [
        $"curl '{silo.Url(CallPath(region))}' -d '{Arguments}'",
        $$"""curl '{{silo.Url($"/v1/databases/main/query?region={region}")}}' -H 'content-type: application/json' -d '{"sql": "SELECT * FROM orders"}'""",
        $$"""curl '{{silo.Url($"/v1/databases/main/query?region={region}")}}' -H 'content-type: application/json' -d '{"sql": "SELECT * FROM order_totals"}'""",
    ];
}
