using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Federation;

[Trait("Category", "Slow")]
public sealed class CallTests
{
    [Fact]
    public async Task A_call_for_a_region_elsewhere_runs_there()
    {
        await using var silos = await Silos.StartAsync();
        var function = await silos.West.DeployAsync("echo", "echo");
        var payload = RandomNumberGenerator.GetBytes(300_000);

        using var response = await silos.East.InvokeAsync("echo", payload, "west");

        (await response.Content.ReadAsByteArrayAsync()).ShouldBe(payload);
        response.Headers.GetValues("X-Helios-Region").ShouldBe(["west"]);
        response.Headers.GetValues("X-Helios-Module-Hash").ShouldBe([function["module"]!.GetValue<string>()]);
        response.Headers.Contains("X-Helios-Duration-Us").ShouldBeTrue();
        response.Headers.GetValues("X-Helios-Version").ShouldBe(["1"]);
        (await silos.East.Http.PostAsync("/v1/functions/echo/invoke?region=west&failover=north", new ByteArrayContent(payload))).Headers.GetValues("X-Helios-Version").ShouldBe(["1"]);
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/v1/functions/echo/invoke?region=west") { Content = new ByteArrayContent(payload) };
        chunked.Headers.TransferEncodingChunked = true;
        (await (await silos.East.Http.SendAsync(chunked)).Content.ReadAsByteArrayAsync()).ShouldBe(payload);
    }

    [Fact]
    public async Task Without_a_region_a_function_is_found_here_or_elsewhere()
    {
        await using var silos = await Silos.StartAsync();
        await silos.West.DeployAsync("far", "echo");
        await silos.West.DeployAsync("both", "echo");
        await silos.East.DeployAsync("both", "echo");

        (await silos.East.InvokeAsync("far", [1])).Headers.GetValues("X-Helios-Region").ShouldBe(["west"]);
        (await silos.East.InvokeAsync("both", [1])).Headers.GetValues("X-Helios-Region").ShouldBe(["east"]);
        (await silos.North.CallAsync("far", [7])).ShouldBe([7]);
        await Answer.ProblemAsync(await silos.East.InvokeAsync("nowhere"), HttpStatusCode.NotFound, "function_not_found");
    }

    [Fact]
    public async Task Faults_come_back_as_they_were()
    {
        await using var silos = await Silos.StartAsync();
        await silos.West.DeployAsync("crash", "crash");
        await silos.West.DeployAsync("small", "echo", limits: new JsonObject { ["maxPayloadBytes"] = 10 });

        foreach (var query in new[] { "?region=west", "?region=west&failover=north", "" })
        {
            var here = await Answer.ProblemAsync(await silos.West.InvokeAsync("crash"), HttpStatusCode.BadGateway, "trap");
            var there = await Answer.ProblemAsync(
                await silos.East.Http.PostAsync($"/v1/functions/crash/invoke{query}", new ByteArrayContent([])), HttpStatusCode.BadGateway, "trap");
            JsonNode.DeepEquals(there, here).ShouldBeTrue($"{query}: {there} instead of {here}");

            var refused = await Answer.ProblemAsync(
                await silos.East.Http.PostAsync($"/v1/functions/small/invoke{query}", new ByteArrayContent(new byte[11])),
                HttpStatusCode.RequestEntityTooLarge,
                "payload_too_large");
            (refused["limit"]!.GetValue<int>(), refused["value"]!.GetValue<int>()).ShouldBe((10, 11));
        }
    }

    [Fact]
    public async Task A_region_that_nobody_knows_is_not_found_and_the_known_ones_are_named()
    {
        await using var silos = await Silos.StartAsync();
        await silos.East.DeployAsync("echo", "echo");

        foreach (var query in new[] { "region=mars", "region=east&failover=mars", "failover=mars" })
        {
            var problem = await Answer.ProblemAsync(
                await silos.East.Http.PostAsync($"/v1/functions/echo/invoke?{query}", null), HttpStatusCode.NotFound, "region_not_found");
            problem["detail"]!.GetValue<string>().ShouldContain("serves east");
            problem["detail"]!.GetValue<string>().ShouldContain("north, west");
        }
    }

    [Fact]
    public async Task When_a_region_is_down_the_failover_regions_are_tried_in_order()
    {
        await using var silos = await Silos.StartAsync();
        await silos.East.DeployAsync("echo", "echo");
        await silos.North.DeployAsync("echo", "echo");
        await silos.StopAsync(1);

        await Answer.ProblemAsync(await silos.East.InvokeAsync("echo", [1], "west"), HttpStatusCode.ServiceUnavailable, "region_unavailable");
        await Answer.ProblemAsync(await silos.East.InvokeAsync("echo", [1], "west&failover=west"), HttpStatusCode.ServiceUnavailable, "region_unavailable");
        var first = await silos.East.InvokeAsync("echo", [1], "west&failover=north,east");
        (await first.Content.ReadAsByteArrayAsync()).ShouldBe([1]);
        first.Headers.GetValues("X-Helios-Region").ShouldBe(["north"]);
        await silos.StopAsync(2);
        (await silos.East.InvokeAsync("echo", [1], "west&failover=north,east")).Headers.GetValues("X-Helios-Region").ShouldBe(["east"]);
    }

    [Theory]
    [InlineData("west")]
    [InlineData("west&failover=north")]
    [InlineData("east")]
    public async Task The_callers_deadline_holds_wherever_the_call_is(string region)
    {
        await using var silos = await Silos.StartAsync();
        foreach (var silo in new[] { silos.East, silos.West })
        {
            await silo.DeployAsync("spin", "spin", limits: new JsonObject { ["timeoutMs"] = 30_000 });
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/functions/spin/invoke?region={region}");
        request.Headers.Add("X-Helios-Deadline-Ms", "300");

        using var response = await silos.East.Http.SendAsync(request).WaitAsync(TimeSpan.FromSeconds(15));

        await Answer.ProblemAsync(response, HttpStatusCode.GatewayTimeout, "timeout");
    }

    [Theory]
    [InlineData("X-Helios-Deadline-Ms", "0")]
    [InlineData("X-Helios-Deadline-Ms", "soon")]
    [InlineData("X-Helios-Deadline-Ms", "99999999999")]
    [InlineData("X-Helios-Hops", "-1")]
    [InlineData("X-Helios-Hops", "")]
    public async Task Headers_that_make_no_sense_are_refused(string header, string value)
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.DeployAsync("echo", "echo");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/functions/echo/invoke");
        request.Headers.TryAddWithoutValidation(header, value);

        var problem = await Answer.ProblemAsync(await silo.Http.SendAsync(request), HttpStatusCode.BadRequest, "invalid_parameter");

        problem["detail"]!.GetValue<string>().ShouldContain(header);
    }
}
