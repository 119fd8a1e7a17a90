using System.Net;
using HeliosEdge.Silo.Tests.Access;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Invocations;

/// <summary>What is queued is for the caller who queued it, and for those who may read everything.</summary>
[Trait("Category", "Slow")]
public sealed class OwnedResultsTests
{
    [Fact]
    public Task Others_do_not_find_what_a_caller_queued() => OwnsAsync(postgres: null);

    [PostgresFact]
    public async Task Others_do_not_find_what_a_caller_queued_in_PostgreSQL() => await OwnsAsync(await PostgresServer.NewDatabaseAsync());

    [Fact]
    public async Task What_was_queued_before_there_were_keys_is_for_those_who_may_read_everything()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.DeployAsync("echo", "echo");
        var place = await Queued.AcceptAsync(silo.Http, "/v1/functions/echo/invoke-async", new StringContent("x"));
        (await silo.Http.GetAsync(place)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var admin = silo.With((await silo.Http.CreateKeyAsync("admin")).Text);
        using var reader = silo.With((await admin.CreateKeyAsync("read")).Text);
        using var invoker = silo.With((await admin.CreateKeyAsync("invoke")).Text);

        (await admin.GetAsync(place)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await reader.GetAsync(place)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Answer.ProblemAsync(await invoker.GetAsync(place), HttpStatusCode.NotFound, "invocation_not_found");
    }

    private static async Task OwnsAsync(string? postgres)
    {
        await using var silo = await TestSilo.StartAsync(postgres: postgres);
        await silo.DeployAsync("echo", "echo");
        await silo.DeployAsync("crash", "crash");
        using var admin = silo.With((await silo.Http.CreateKeyAsync("admin")).Text);
        using var mine = silo.With((await admin.CreateKeyAsync("invoke")).Text);
        using var other = silo.With((await admin.CreateKeyAsync("invoke")).Text);
        using var reader = silo.With((await admin.CreateKeyAsync("read")).Text);

        var invocation = await Queued.AcceptAsync(mine, "/v1/functions/echo/invoke-async", new StringContent("x"));
        var fanOut = await Queued.AcceptAsync(mine, "/v1/functions/echo/fanout-async", Queued.Json("""{"payload": "y"}"""));
        var dead = await Queued.AcceptAsync(mine, "/v1/functions/crash/invoke-async", new StringContent(""));
        var described = await Answer.JsonAsync(await mine.GetAsync($"{fanOut}?wait=30s"));
        var ofFanOut = $"/v1/invocations/{described["regions"]![0]!["id"]}";
        (await Answer.JsonAsync(await mine.GetAsync($"{invocation}?wait=30s")))["state"]!.GetValue<string>().ShouldBe("succeeded");

        foreach (var path in (string[])[invocation, $"{invocation}/result", $"{invocation}?wait=1s", dead, ofFanOut, $"{ofFanOut}/result"])
        {
            await Answer.ProblemAsync(await other.GetAsync(path), HttpStatusCode.NotFound, "invocation_not_found");
        }

        await Answer.ProblemAsync(await other.GetAsync(fanOut), HttpStatusCode.NotFound, "fanout_not_found");
        await Answer.ProblemAsync(await other.DeleteAsync(dead), HttpStatusCode.NotFound, "invocation_not_found");
        await Answer.ProblemAsync(await other.PostAsync($"{dead}/retry", null), HttpStatusCode.NotFound, "invocation_not_found");
        (await Answer.JsonAsync(await mine.GetAsync(dead)))["state"]!.GetValue<string>().ShouldNotBe("cancelled");

        foreach (var caller in (HttpClient[])[mine, reader, admin])
        {
            (await caller.GetStringAsync($"{invocation}/result")).ShouldBe("x");
            (await caller.GetStringAsync($"{ofFanOut}/result")).ShouldBe("y");
            (await caller.GetAsync(fanOut)).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await SucceededAsync(caller)).ShouldBe(4);
        }

        (await SucceededAsync(other)).ShouldBe(0);
        await Queued.AcceptAsync(other, "/v1/functions/echo/invoke-async", new StringContent("z"));
        await Eventually.HoldsAsync("the other's own", async () => await SucceededAsync(other) == 1);
        (await SucceededAsync(mine)).ShouldBe(4);
        (await SucceededAsync(reader)).ShouldBe(5);

        // Whoever may only read changes nothing, and whoever queued it may.
        (await reader.DeleteAsync(dead)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await mine.DeleteAsync(dead)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Answer.JsonAsync(await admin.GetAsync(dead)))["state"]!.GetValue<string>().ShouldBeOneOf("cancelled", "dead");
    }

    private static async Task<int> SucceededAsync(HttpClient caller) =>
        (await Answer.JsonAsync(await caller.GetAsync("/v1/invocations?state=succeeded")))["invocations"]!.AsArray().Count;
}
