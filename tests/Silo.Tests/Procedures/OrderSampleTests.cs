using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Procedures;

public sealed class OrderSampleTests : IAsyncLifetime
{
    private TestSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync(regions: ["eu"]);
        foreach (var sql in await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "samples", "orders.sql")))
        {
            await ExecuteAsync(sql);
        }
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Theory]
    [InlineData("process_order")]
    [InlineData("process_order_as")]
    public async Task An_order_is_taken_in_whole_or_not_at_all(string sample)
    {
        await PutProcedureAsync(sample);

        (await CallAsync("""[{"customer": "Ada \"A\"", "lines": [{"item": "tea", "count": 2}, {"item": "cup", "count": 1}]}]""")).ShouldBe("""{"order":1,"total":1600}""");
        (await RowsAsync("SELECT customer, total FROM orders")).ShouldBe("""[["Ada \u0022A\u0022",1600]]""");
        (await RowsAsync("SELECT order_id, item, count, price FROM order_lines")).ShouldBe("""[[1,"tea",2,350],[1,"cup",1,900]]""");

        (await RefusedAsync("""[{"customer": "Bob", "lines": [{"item": "tea", "count": 5}, {"item": "cup", "count": 20}]}]"""))["detail"]!.GetValue<string>()
            .ShouldBe("""Of "cup" there are 19, not 20""");
        (await RefusedAsync("""[{"customer": "Bob", "lines": []}]"""))["detail"]!.GetValue<string>().ShouldStartWith("an order is ");
        (await RowsAsync("SELECT count FROM stock ORDER BY item")).ShouldBe("[[19],[98]]");
        (await RowsAsync("SELECT count(*) FROM orders")).ShouldBe("[[1]]");
    }

    [Theory]
    [InlineData("process_order")]
    [InlineData("process_order_as")]
    public async Task Nothing_is_sold_twice(string sample)
    {
        await PutProcedureAsync(sample);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostAsync("/v1/procedures/orders/call", """[{"customer": "Ada", "lines": [{"item": "cup", "count": 4}]}]""")));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(5);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.UnprocessableEntity).ShouldBe(3);
        (await RowsAsync("SELECT count FROM stock WHERE item = 'cup'")).ShouldBe("[[0]]");
    }

    [Theory]
    [InlineData("validate_order")]
    [InlineData("validate_order_as")]
    public async Task An_order_is_validated(string sample)
    {
        await Answer.JsonAsync(await _silo.RegisterAsync("validate", new JsonObject { ["module"] = await UploadAsync(sample) }.ToJsonString()));
        await Answer.JsonAsync(await PutAsync("/v1/triggers/validate", """{"table": "orders", "events": ["before_insert", "before_update"], "function": "validate"}"""));
        await PutProcedureAsync("process_order");

        await CallAsync("""[{"customer": "Ada", "lines": [{"item": "tea", "count": 2}]}]""");
        await ExecuteAsync("INSERT INTO orders (customer, total, placed) VALUES ('Bob', 0, 'today')");
        var problem = await Answer.ProblemAsync(
            await StatementAsync("execute", "UPDATE orders SET total = -1 WHERE id = 2"), HttpStatusCode.UnprocessableEntity, "trigger_rejected");

        problem["detail"]!.GetValue<string>().ShouldContain("the total is negative");
        var rows = JsonNode.Parse(await RowsAsync("SELECT customer, total, placed FROM orders ORDER BY id"))!.AsArray();
        DateTimeOffset.Parse(rows[0]![2]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);
        rows[1]!.ToJsonString().ShouldBe("""["Bob",0,"today"]""");
    }

    private async Task PutProcedureAsync(string sample) =>
        await Answer.JsonAsync(await PutAsync("/v1/procedures/orders", new JsonObject { ["module"] = await UploadAsync(sample) }.ToJsonString()));

    private async Task<string> UploadAsync(string sample) => (await Answer.JsonAsync(
        await _silo.UploadAsync(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "samples", $"{sample}.wasm")))))["hash"]!.GetValue<string>();

    private async Task<string> CallAsync(string arguments)
    {
        var response = await PostAsync("/v1/procedures/orders/call", arguments);
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return text;
    }

    private async Task<JsonObject> RefusedAsync(string arguments) =>
        await Answer.ProblemAsync(await PostAsync("/v1/procedures/orders/call", arguments), HttpStatusCode.UnprocessableEntity, "procedure_failed");

    private Task<HttpResponseMessage> StatementAsync(string verb, string sql) => PostAsync($"/v1/databases/main/{verb}", JsonSerializer.Serialize(new { sql }));

    private async Task ExecuteAsync(string sql) => await Answer.JsonAsync(await StatementAsync("execute", sql));

    private async Task<string> RowsAsync(string sql) => (await Answer.JsonAsync(await StatementAsync("query", sql)))["rows"]!.ToJsonString();

    private Task<HttpResponseMessage> PutAsync(string path, string json) => _silo.Http.PutAsync(path, Json(json));

    private Task<HttpResponseMessage> PostAsync(string path, string json) => _silo.Http.PostAsync(path, Json(json));

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
