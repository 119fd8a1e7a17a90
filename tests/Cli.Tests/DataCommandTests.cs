using System.Text.Json;
using Shouldly;
using Xunit;

namespace HeliosEdge.Cli.Tests;

/// <summary>Procedures, triggers and pipelines on the command line, with a silo of this class's own.</summary>
[Trait("Category", "Process")]
public sealed class DataCommandTests(SharedSilo silo) : IClassFixture<SharedSilo>
{
    [Fact]
    public async Task AProcedureIsRegisteredListedCalledAndDeleted()
    {
        await HeliosAsync("sql", "main", "-f", Path.Combine(Repository.Root, "samples", "process_order", "orders.sql"));

        var put = await HeliosAsync(
            "procedures", "put", "process-order", SharedSilo.Sample("process_order"), "--isolation", "serializable", "--retries", "7", "--limit", "timeoutMs=2000", "--region", "eu-west");
        put.Error.ShouldBeEmpty();
        put.Lines[0].ShouldBe("Deployed process-order to eu-west.");
        put.Lines[2].ShouldBe("  transaction  read_write in main, isolation serializable, up to 7 retries");
        (await HeliosAsync("deploy", "counts", SharedSilo.Sample("process_order"), "--profile", "database_only")).Error.ShouldBeEmpty();
        using (var json = JsonDocument.Parse((await HeliosAsync("procedures", "put", "same", "--function", "counts", "--mode", "read_only", "--json")).Output))
        {
            json.RootElement.GetProperty("mode").GetString().ShouldBe("read_only");
        }

        var listed = await HeliosAsync("procedures");
        listed.Lines[0].ShouldMatch("^NAME +DATABASE +MODE +ISOLATION +RETRIES +SQL +VERSION +REGIONS$");
        listed.Lines[1].ShouldMatch("^process-order +main +read_write +serializable +7 +- +1 +eu-west$");
        (await HeliosAsync("call", "process-order", """[{"customer": "Ada", "lines": [{"item": "tea", "count": 2}]}]""", "--region", "eu-west")).Text
            .ShouldBe("{\"order\":1,\"total\":700}\n");
        (await HeliosAsync("call", "process-order", """[{"customer": "Ada", "lines": [{"item": "tea", "count": 200}]}]""")).ErrorLines.ShouldHaveSingleItem()
            .ShouldBe("""error: procedure_failed: Of "tea" there are 98, not 200""");
        (await HeliosAsync("call", "process-order")).ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: procedure_failed: an order is ");

        (await HeliosAsync("procedures", "delete", "process-order")).Text.ShouldBe("Deleted the procedure process-order.\n");
        (await HeliosAsync("call", "process-order")).ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: procedure_not_found: ");
    }

    [Fact]
    public async Task AProcedureIsAFunctionOfSqlWhereThatIsAsked()
    {
        var put = await HeliosAsync(
            "procedures", "put", "judged", SharedSilo.Sample("validate_order"), "--sql", "scalar", "--arguments", "1", "--deterministic", "--profile", "minimal");

        put.Error.ShouldBeEmpty();
        using var json = JsonDocument.Parse((await HeliosAsync("procedures", "--json")).Output);
        var sql = json.RootElement.EnumerateArray().Single(procedure => procedure.GetProperty("name").GetString() == "judged").GetProperty("sql");
        (sql.GetProperty("kind").GetString(), sql.GetProperty("arguments").GetInt32(), sql.GetProperty("deterministic").GetBoolean()).ShouldBe(("scalar", 1, true));
    }

    [Fact]
    public async Task ATriggerIsMadeListedSwitchedAndDeleted()
    {
        await HeliosAsync("sql", "main", "CREATE TABLE bills (id INTEGER PRIMARY KEY, total INTEGER, placed TEXT)", "--region", "us-east");
        await HeliosAsync("deploy", "validate", SharedSilo.Sample("validate_order"));
        string[] there = ["--database", "main", "--region", "us-east"];

        var put = await HeliosAsync(
            ["triggers", "put", "bills", "--table", "bills", "--event", "before_insert", "--event", "before_update", "--function", "validate", "--when", "NEW.total < 1", "--column", "total", "--column", "placed", .. there]);
        put.Text.ShouldBe("validate judges before_insert, before_update of bills in main, as the trigger bills.\n");
        (await SqlAsync("INSERT INTO bills (total) VALUES (-1)")).ErrorLines[0].ShouldStartWith("error: trigger_rejected: ");
        (await SqlAsync("INSERT INTO bills (total) VALUES (1)")).ExitCode.ShouldBe(0);

        var listed = await HeliosAsync(["triggers", .. there]);
        listed.Lines[0].ShouldMatch("^NAME +TABLE +EVENTS +FUNCTION +STATE +FIRED +REJECTED +FAILED +LAST ERROR$");
        listed.Lines.Skip(1).ShouldHaveSingleItem().ShouldMatch("^bills +bills +before_insert, before_update +validate +enabled +1 +1 +0 +The trigger .* the total is negative$");
        using (var json = JsonDocument.Parse((await HeliosAsync(["triggers", "--json", .. there])).Output))
        {
            json.RootElement.EnumerateArray().ShouldHaveSingleItem().GetProperty("when").GetString().ShouldBe("NEW.total < 1");
        }

        (await HeliosAsync(["triggers", "disable", "bills", .. there])).Text.ShouldBe("Disabled the trigger bills.\n");
        (await SqlAsync("INSERT INTO bills (total) VALUES (-1)")).ExitCode.ShouldBe(0);
        (await HeliosAsync(["triggers", "enable", "bills", .. there])).Text.ShouldBe("Enabled the trigger bills.\n");
        (await SqlAsync("INSERT INTO bills (total) VALUES (-1)")).ExitCode.ShouldBe(1);
        (await HeliosAsync(["triggers", "delete", "bills", .. there])).Text.ShouldBe("Deleted the trigger bills.\n");
        (await HeliosAsync(["triggers", "delete", "bills", .. there])).ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: trigger_not_found: ");

        Task<Helios.Outcome> SqlAsync(string sql) => HeliosAsync("sql", "main", sql, "--region", "us-east");
    }

    [Fact]
    public async Task APipelineIsMadeListedSwitchedAndDeleted()
    {
        await HeliosAsync("sql", "main", "CREATE TABLE bills_paid (id INTEGER PRIMARY KEY, total INTEGER)", "--region", "ap-south");
        await HeliosAsync("deploy", "broken", SharedSilo.Sample("trap"));
        string[] there = ["--database", "main", "--region", "ap-south"];

        var put = await HeliosAsync(
            ["pipelines", "put", "bills", "--table", "bills_paid", "--function", "broken", "--snapshot", "initial", "--order", "key", "--on-error", "skip", "--max-rows", "10", "--max-wait-ms", "0", "--max-retained-mib", "5", .. there]);
        put.Text.ShouldBe("broken gets the changes of bills_paid in main, as the pipeline bills.\n");
        await HeliosAsync("sql", "main", "INSERT INTO bills_paid VALUES (1, 10), (2, 20)", "--region", "ap-south");
        Helios.Outcome listed = null!;
        await Eventually.HoldsAsync(
            "both are dead",
            async () =>
            {
                listed = await HeliosAsync(["pipelines", .. there]);
                return listed.Text.Contains(" 0 rows, ", StringComparison.Ordinal) && listed.Text.Contains(" 2 ", StringComparison.Ordinal);
            });
        listed.Lines[0].ShouldMatch("^NAME +TABLES +FUNCTION +SINK +STATE +DELIVERED +RATE +LAG +DEAD +POSITION +LAST ERROR$");
        listed.Lines.Skip(1).ShouldHaveSingleItem().ShouldMatch("^bills +bills_paid +broken +- +running +0 +0/s +0 rows, 0 bytes, 0 s +2 +[0-9]+ +.*$");
        using (var json = JsonDocument.Parse((await HeliosAsync(["pipelines", "--json", .. there])).Output))
        {
            var pipeline = json.RootElement.EnumerateArray().ShouldHaveSingleItem();
            (pipeline.GetProperty("order").GetString(), pipeline.GetProperty("onError").GetString(), pipeline.GetProperty("maxRetainedMiB").GetInt32()).ShouldBe(("key", "skip", 5));
            (pipeline.GetProperty("batch").GetProperty("maxRows").GetInt32(), pipeline.GetProperty("batch").GetProperty("maxWaitMs").GetInt32()).ShouldBe((10, 0));
        }

        var dead = await HeliosAsync(["pipelines", "dead", "bills", .. there]);
        dead.Lines[0].ShouldMatch("^ID +AT +CODE +ERROR$");
        dead.Lines.Length.ShouldBe(3);
        (await HeliosAsync(["pipelines", "dead", "bills", "--retry", .. there])).ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: trap: ");
        (await HeliosAsync(["pipelines", "dead", "bills", "--discard", .. there])).ExitCode.ShouldBe(0);
        (await HeliosAsync(["pipelines", "dead", "bills", .. there])).Lines.ShouldHaveSingleItem();
        (await HeliosAsync(["pipelines", "pause", "bills", .. there])).Text.ShouldBe("Paused the pipeline bills.\n");
        (await HeliosAsync(["pipelines", "wait", "bills", .. there])).ErrorLines.ShouldHaveSingleItem().ShouldBe("error: pipeline_stopped: The pipeline bills is paused.");
        (await HeliosAsync(["pipelines", "wait", "absent", .. there])).ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: pipeline_not_found: ");
        (await HeliosAsync(["pipelines", "resume", "bills", .. there])).Text.ShouldBe("Resumed the pipeline bills.\n");
        (await HeliosAsync(["pipelines", "replay", "bills", "snapshot", .. there])).Text.ShouldBe("The pipeline bills delivers again from snapshot.\n");
        (await HeliosAsync(["pipelines", "delete", "bills", .. there])).Text.ShouldBe("Deleted the pipeline bills.\n");
        (await HeliosAsync(["pipelines", "delete", "bills", .. there])).ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: pipeline_not_found: ");
    }

    [Theory]
    [InlineData("error: usage: Either a .wasm file or --function", "procedures", "put", "p")]
    [InlineData("error: usage: Either a .wasm file or --function", "procedures", "put", "p", "a.wasm", "--function", "f")]
    [InlineData("error: usage: --arguments and --deterministic go with --sql.", "procedures", "put", "p", "--function", "f", "--arguments", "1")]
    [InlineData("error: usage: --retries: '101' is not a whole number from 0 to 100.", "procedures", "put", "p", "a.wasm", "--retries", "101")]
    [InlineData("error: usage: Option '--table' is required.", "triggers", "put", "t", "--event", "before_insert", "--function", "f")]
    [InlineData("error: usage: '..' is not the name of a trigger.", "triggers", "delete", "..")]
    [InlineData("error: usage: '..' is not the name of a pipeline.", "pipelines", "pause", "..")]
    [InlineData("error: usage: Option '--table' is required.", "pipelines", "put", "p", "--function", "f")]
    [InlineData("error: usage: --max-rows: '0' is not a whole number from 1", "pipelines", "put", "p", "--table", "t", "--function", "f", "--max-rows", "0")]
    [InlineData("error: usage: --retry and --discard exclude each other.", "pipelines", "dead", "p", "--retry", "--discard")]
    [InlineData("error: usage: '.' is not the name of a procedure.", "call", ".")]
    public async Task AWrongCommandIsOneLineThatSaysWhatIsWrong(string error, params string[] arguments)
    {
        var outcome = await Helios.RunAsync(arguments);

        outcome.ExitCode.ShouldBe(2);
        outcome.ErrorLines.ShouldHaveSingleItem().ShouldStartWith(error);
    }

    private Task<Helios.Outcome> HeliosAsync(params string[] arguments) => Helios.RunAsync([.. arguments, "--url", silo.Address.ToString()]);
}
