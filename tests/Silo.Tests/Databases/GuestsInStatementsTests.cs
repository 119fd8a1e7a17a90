using System.Net;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Tests.Access;
using HeliosEdge.Silo.Tests.Running;
using static HeliosEdge.Silo.Tests.Databases.SqlOverHttp;

namespace HeliosEdge.Silo.Tests.Databases;

/// <summary>Statements from outside that call guests: these run on the threads of statements, not on those of guests.</summary>
public sealed class GuestsInStatementsTests
{
    [Theory]
    [InlineData("wasmtime")]
    [InlineData("managed")]
    public async Task A_statement_calls_a_guest_and_outlives_one_that_uses_up_its_stack(string engine)
    {
        await using var silo = await TestSilo.StartAsync(configure: options => options with { AllowedEngines = [EngineKind.Managed] });
        await PutAsync(silo, "doubled", "arithmetic", "twice", engine);
        await PutAsync(silo, "bottomless", "recurse", "handle", engine);

        var failed = await Answer.ProblemAsync(await silo.Http.SendAsync("query", Statement("SELECT bottomless(1)")), HttpStatusCode.UnprocessableEntity, "statement_failed");

        failed["detail"]!.GetValue<string>().ShouldContain("bottomless");
        (await silo.Http.RowsAsync("SELECT doubled(21)")).ShouldBe("[[42]]");
    }

    private static async Task PutAsync(TestSilo silo, string name, string guest, string entry, string engine) =>
        await Answer.JsonAsync(await silo.Http.PutAsync($"/v1/procedures/{name}", KeyHolder.Json(new JsonObject
        {
            ["module"] = (await Answer.JsonAsync(await silo.UploadAsync(TestSilo.Guest(guest))))["hash"]!.GetValue<string>(),
            ["entry"] = entry,
            ["engine"] = engine,
            ["profile"] = "minimal",
            ["limits"] = new JsonObject { ["stackKiB"] = 2_048 },
            ["sql"] = new JsonObject { ["arguments"] = 1 },
        })));
}
