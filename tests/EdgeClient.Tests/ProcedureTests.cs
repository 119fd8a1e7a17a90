using System.Text;
using Shouldly;
using Xunit;

namespace HeliosEdge.Client.Tests;

/// <summary>Procedures, triggers and pipelines with the client, in a real silo.</summary>
[Trait("Category", "Process")]
public sealed class ProcedureTests(SharedSilo silo) : IClassFixture<SharedSilo>, IDisposable
{
    private readonly HttpEdgeClient _client = new(silo.Address);

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task AProcedureIsRegisteredListedCalledAndDeleted()
    {
        await _client.BatchAsync(
            "main",
            [
                new SqlStatement("CREATE TABLE stock (item TEXT PRIMARY KEY, price INTEGER, count INTEGER)"),
                new SqlStatement("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, total INTEGER, placed TEXT)"),
                new SqlStatement("CREATE TABLE order_lines (order_id INTEGER, item TEXT, count INTEGER, price INTEGER)"),
                new SqlStatement("INSERT INTO stock VALUES ('tea', 350, 10)"),
            ]);
        var module = await _client.UploadModuleAsync(await File.ReadAllBytesAsync(SharedSilo.Sample("process_order")));

        var put = await _client.PutProcedureAsync("order", new ProcedureRegistration { Module = module.Hash, Retries = 3, Sql = null });
        var listed = await _client.ListProceduresAsync().SingleAsync();
        var answer = await _client.CallProcedureAsync("order", null, """[{"customer": "Ada", "lines": [{"item": "tea", "count": 2}]}]"""u8.ToArray());
        var refused = await Should.ThrowAsync<EdgeException>(
            _client.CallProcedureAsync("order", "eu-west", """[{"customer": "Ada", "lines": [{"item": "tea", "count": 9}]}]"""u8.ToArray()));

        (put.Database, put.Mode, put.Isolation, put.Retries, put.Sql, put.Function.Module).ShouldBe(("main", "read_write", "default", 3, null, module.Hash));
        (listed.Name, listed.Retries).ShouldBe(("order", 3));
        Encoding.UTF8.GetString(answer.Payload.Span).ShouldBe("""{"order":1,"total":700}""");
        (refused.Code, refused.Detail).ShouldBe(("procedure_failed", """Of "tea" there are 8, not 9"""));
        await Should.ThrowAsync<ArgumentException>(() => _client.CallProcedureAsync("order", null, "[]"u8.ToArray(), new CallOptions { Failover = ["us-east"] }));
        await _client.DeleteProcedureAsync("order");
        (await Should.ThrowAsync<EdgeException>(_client.DeleteProcedureAsync("order"))).Code.ShouldBe("procedure_not_found");
        (await _client.ListProceduresAsync().CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task ATriggerIsMadeListedSwitchedAndDeleted()
    {
        await _client.ExecuteAsync("main", new SqlStatement("CREATE TABLE bills (id INTEGER PRIMARY KEY, total INTEGER, placed TEXT)"), "us-east");
        var module = await _client.UploadModuleAsync(await File.ReadAllBytesAsync(SharedSilo.Sample("validate_order_as")));
        await _client.RegisterFunctionAsync("validate", new FunctionRegistration { Module = module.Hash });

        var put = await _client.PutTriggerAsync(
            "bills", new TriggerRegistration { Table = "bills", Events = ["before_insert"], Function = "validate", When = "NEW.total < 10", Columns = ["total", "placed"] }, "us-east");
        var refused = await Should.ThrowAsync<EdgeException>(_client.ExecuteAsync("main", new SqlStatement("INSERT INTO bills (total) VALUES (-1)"), "us-east"));
        await _client.ExecuteAsync("main", new SqlStatement("INSERT INTO bills (total) VALUES (1), (11)"), "us-east");
        var listed = (await _client.ListTriggersAsync("main", "us-east")).ShouldHaveSingleItem();

        (put.Name, put.Database, put.When, put.Enabled).ShouldBe(("bills", "main", "NEW.total < 10", true));
        put.Columns.ShouldBe(["total", "placed"]);
        refused.Code.ShouldBe("trigger_rejected");
        (listed.Fired, listed.Rejected, listed.Failed).ShouldBe((2, 1, 0));
        listed.LastError!.ShouldContain("the total is negative");
        (await _client.DisableTriggerAsync("bills", "main", "us-east")).Enabled.ShouldBeFalse();
        (await _client.EnableTriggerAsync("bills", region: "us-east")).Enabled.ShouldBeTrue();
        await _client.DeleteTriggerAsync("bills", region: "us-east");
        (await _client.ListTriggersAsync(region: "us-east")).ShouldBeEmpty();
        (await Should.ThrowAsync<EdgeException>(_client.EnableTriggerAsync("bills", "main", "us-east"))).Code.ShouldBe("trigger_not_found");
    }

    [Fact]
    public async Task APipelineIsMadeListedSwitchedAndDeleted()
    {
        await _client.BatchAsync(
            "main", [new SqlStatement("CREATE TABLE paid (id INTEGER PRIMARY KEY, total INTEGER)"), new SqlStatement("CREATE TABLE sums (customer TEXT PRIMARY KEY, total INTEGER)")], "ap-south");
        var module = await _client.UploadModuleAsync(await File.ReadAllBytesAsync(SharedSilo.Sample("trap")));
        await _client.RegisterFunctionAsync("broken", new FunctionRegistration { Module = module.Hash });
        var registration = new PipelineRegistration
        {
            Source = new PipelineSource(["paid"]) { Snapshot = "initial" },
            Function = "broken",
            OnError = "skip",
            Batch = new PipelineBatch { MaxRows = 7 },
            Sink = new PipelineSink { Table = "sums" },
        };

        var put = await _client.PutPipelineAsync("sums", registration, "ap-south");
        await _client.ExecuteAsync("main", new SqlStatement("INSERT INTO paid VALUES (1, 10), (2, 20), (3, 30)"), "ap-south");
        PipelineInfo listed = put;
        await Eventually.HoldsAsync("all are dead", async () => (listed = (await _client.ListPipelinesAsync("main", "ap-south")).ShouldHaveSingleItem()).Dead == 3);

        (put.Name, put.Source.Database, put.State, put.Batch!.MaxRows, put.Batch.MaxWaitMs, put.Sink!.Table).ShouldBe(("sums", "main", "running", 7, 50, "sums"));
        (listed.Delivered, listed.Taken, listed.Lag.Rows, listed.Order).ShouldBe((0, true, 0, "table"));
        var dead = await _client.ListDeadChangesAsync("sums", region: "ap-south").ToListAsync();
        dead.Select(change => change.Event.GetProperty("after").GetProperty("id").GetInt32()).ShouldBe([1, 2, 3]);
        dead.ShouldAllBe(change => change.Code == "trap");
        (await Should.ThrowAsync<EdgeException>(_client.RetryDeadChangeAsync("sums", dead[0].Id, region: "ap-south"))).Code.ShouldBe("trap");
        await _client.DiscardDeadChangeAsync("sums", dead[0].Id, "main", "ap-south");
        (await Should.ThrowAsync<EdgeException>(_client.DiscardDeadChangeAsync("sums", dead[0].Id, "main", "ap-south"))).Code.ShouldBe("dead_change_not_found");
        (await _client.PausePipelineAsync("sums", region: "ap-south")).State.ShouldBe("paused");
        (await _client.ResumePipelineAsync("sums", region: "ap-south")).State.ShouldBe("running");
        (await _client.ReplayPipelineAsync("sums", "snapshot", region: "ap-south")).State.ShouldBe("running");
        await _client.DeletePipelineAsync("sums", region: "ap-south");
        (await _client.ListPipelinesAsync(region: "ap-south")).ShouldBeEmpty();
        (await Should.ThrowAsync<EdgeException>(_client.PausePipelineAsync("sums", region: "ap-south"))).Code.ShouldBe("pipeline_not_found");
    }
}
