using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Federation;

[Trait("Category", "Slow")]
public sealed class HttpFunctionTests
{
    [Fact]
    public async Task A_request_for_a_function_elsewhere_and_its_answer_are_passed_on_unchanged()
    {
        await using var silos = await Silos.StartAsync();
        await Http.HttpFunctionTests.DeployAsync(silos.West);

        foreach (var region in new[] { null, "west" })
        {
            using var request = Request("QUERY", "/fn/helios/a%2Fb%252F//c?show", region);
            request.Content = new StringContent("café");
            request.Headers.Add("Authorization", "Bearer the-functions");
            request.Headers.Add("Cookie", "a=1");
            request.Headers.Add("Origin", silos.East.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
            request.Headers.Add("X-Custom", ["one", "two"]);

            using var response = await silos.East.Http.SendAsync(request);

            var envelope = await Answer.JsonAsync(response);
            envelope["method"]!.GetValue<string>().ShouldBe("QUERY");
            envelope["path"]!.GetValue<string>().ShouldBe("/a%2Fb%252F//c");
            envelope["body"]!.GetValue<string>().ShouldBe("café");
            envelope["headers"]!.AsArray().Select(pair => $"{pair![0]}: {pair[1]}").ShouldBe(
                [
                    $"host: {silos.East.Http.BaseAddress!.Authority}", "authorization: Bearer the-functions", "cookie: a=1",
                    $"origin: {silos.East.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)}",
                    "x-custom: one, two", "content-type: text/plain; charset=utf-8",
                ],
                ignoreOrder: true);
            response.Headers.GetValues("X-Helios-Region").ShouldBe(["west"]);
            response.Headers.GetValues("X-Helios-Version").ShouldBe(["1"]);
            response.Headers.GetValues("Content-Security-Policy").Count().ShouldBe(1);
        }

        using var cgi = await silos.East.Http.GetAsync("/fn/cgi/show/x?q");
        var lines = (await cgi.Content.ReadAsStringAsync()).Split('\n');
        lines.ShouldContain($"SERVER_PORT={silos.East.Http.BaseAddress!.Port}");
        lines.ShouldContain("PATH_INFO=/show/x");
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(502)]
    [InlineData(204)]
    public async Task A_status_is_the_functions_whatever_it_means_between_silos(int status)
    {
        await using var silos = await Silos.StartAsync();
        await Http.HttpFunctionTests.DeployAsync(silos.West);

        using var response = await silos.East.Http.PostAsync(
            "/fn/helios", new StringContent($$"""{"status": {{status}}, "headers": [["Set-Cookie", "a"], ["Set-Cookie", "b"], ["X-Own", "1"]]}"""));

        ((int)response.StatusCode).ShouldBe(status);
        (await response.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        response.Headers.GetValues("Set-Cookie").ShouldBe(["a", "b"]);
        response.Headers.GetValues("X-Own").ShouldBe(["1"]);
    }

    [Fact]
    public async Task Faults_come_back_as_they_were_and_failover_is_tried()
    {
        await using var silos = await Silos.StartAsync();
        await Http.HttpFunctionTests.DeployAsync(silos.West);
        await Http.HttpFunctionTests.DeployAsync(silos.North);
        await silos.West.DeployAsync("small", "http_helios", limits: new JsonObject { ["maxPayloadBytes"] = 400 });
        await silos.West.DeployAsync("spin", "spin", limits: new JsonObject { ["timeoutMs"] = 30_000 });

        var here = await Answer.ProblemAsync(await silos.West.Http.PostAsync("/fn/helios", new StringContent("no")), HttpStatusCode.BadGateway, "invalid_http_response");
        var there = await Answer.ProblemAsync(await silos.East.Http.SendAsync(Request("POST", "/fn/helios", "west", "no")), HttpStatusCode.BadGateway, "invalid_http_response");
        JsonNode.DeepEquals(here, there).ShouldBeTrue($"{there} instead of {here}");
        await Answer.ProblemAsync(await silos.East.Http.SendAsync(Request("POST", "/fn/small", "west", new string('x', 401))), HttpStatusCode.RequestEntityTooLarge, "payload_too_large");
        await Answer.ProblemAsync(await silos.East.Http.GetAsync("/fn/nosuch"), HttpStatusCode.NotFound, "function_not_found");
        using var late = Request("GET", "/fn/spin", "west");
        late.Headers.Add("X-Helios-Deadline-Ms", "300");
        await Answer.ProblemAsync(await silos.East.Http.SendAsync(late), HttpStatusCode.GatewayTimeout, "timeout");

        await silos.StopAsync(1);
        await Answer.ProblemAsync(await silos.East.Http.SendAsync(Request("GET", "/fn/helios?show", "west")), HttpStatusCode.ServiceUnavailable, "region_unavailable");
        using var failover = Request("GET", "/fn/helios?show", "west");
        failover.Headers.Add("X-Helios-Failover", "north");
        (await silos.East.Http.SendAsync(failover)).Headers.GetValues("X-Helios-Region").ShouldBe(["north"]);
    }

    [Fact]
    public async Task What_silos_send_each_other_is_taken_from_silos_only_and_a_circle_ends()
    {
        await using var silos = await Silos.StartAsync();
        await Http.HttpFunctionTests.DeployAsync(silos.West);

        await Answer.ProblemAsync(await silos.West.Http.PostAsync("/v1/peer/fn/helios", new ByteArrayContent([])), HttpStatusCode.Forbidden, "forbidden");
        foreach (var message in new byte[][] { [], [1, 0, 0], [255, 255, 255, 255], [255, 255, 255, 127], [4, 0, 0, 0, 1], [2, 0, 0, 0, (byte)'{', (byte)'}'], [4, 0, 0, 0, .. "null"u8] })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/peer/fn/helios") { Content = new ByteArrayContent(message) };
            request.Headers.Add("X-Helios-Hops", "1");
            await Answer.ProblemAsync(await silos.West.Http.SendAsync(request), HttpStatusCode.BadRequest, "invalid_parameter");
        }

        using var circling = Request("GET", "/fn/helios?show", "west");
        circling.Headers.Add("X-Helios-Hops", "3");
        await Answer.ProblemAsync(await silos.East.Http.SendAsync(circling), HttpStatusCode.LoopDetected, "loop_detected");
    }

    [Theory]
    [InlineData("/fn/patient/show?region=west")]
    [InlineData("/v1/functions/patient/invoke?region=west")]
    public async Task A_caller_who_sends_slowly_costs_nobody_elses_call_the_connection_between_the_silos(string path)
    {
        await using var silos = await Silos.StartAsync(minBytesPerSecond: 1);
        await silos.West.DeployAsync("patient", "wasi_cgi", "_start", new JsonObject { ["timeoutMs"] = 20_000 });
        using var watchdog = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var others = Request("GET", "/fn/patient/ticks", "west");
        using var ticks = await silos.East.Http.SendAsync(others, HttpCompletionOption.ResponseHeadersRead, watchdog.Token);
        var (request, body) = InParts.Post(path);
        using var sent = request;
        sent.Headers.Add("X-Helios-Region", "west");
        sent.Headers.Add("X-Helios-Deadline-Ms", "9000");
        body.Send(new byte[100]);

        // By itself west gives up a connection on which a body comes as slowly as this for some seconds.
        using var late = await silos.East.Http.SendAsync(sent, watchdog.Token);

        await Answer.ProblemAsync(late, HttpStatusCode.GatewayTimeout, "timeout");
        using var reader = new StreamReader(await ticks.Content.ReadAsStreamAsync(watchdog.Token));
        for (var i = 0; i < 200; i++)
        {
            (await reader.ReadLineAsync(watchdog.Token)).ShouldBe(i == 0 ? "the beginning" : $"tick {i - 1}");
        }
    }

    private static HttpRequestMessage Request(string method, string path, string? region, string? body = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (region is not null)
        {
            request.Headers.Add("X-Helios-Region", region);
        }

        request.Content = body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        return request;
    }
}
