using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Invocations;

[Trait("Category", "Slow")]
public sealed class TraceTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string FanOut = """{"regions": ["west"], "payload": "x"}""";

    [Theory]
    [InlineData("invoke-async?region=west", "x", "1")]
    [InlineData("fanout-async", FanOut, "1")]
    [InlineData("fanout", FanOut, "3")]
    public async Task The_callers_trace_reaches_the_peer(string route, string body, string hops)
    {
        await using var peer = await ListeningPeer.StartAsync();
        await using var silo = await peer.StartSiloAsync();

        using var answer = await SendAsync(silo, route, body, hops: 2);
        if (answer.Headers.Location is { } path)
        {
            (await Answer.JsonAsync(await silo.Http.GetAsync($"{path}?wait=60s")))["state"]!.GetValue<string>().ShouldBe("succeeded");
        }

        // What is queued begins anew: the silos that it passed before are no circle.
        var call = peer.Calls.ShouldHaveSingleItem();
        call.TraceParent.ShouldStartWith($"00-{TraceId}-");
        call.Hops.ShouldBe(hops);
    }

    [Theory]
    [InlineData("no trace")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData($"00-{TraceId}-b7ad6b7169203331")]
    public async Task What_is_no_trace_goes_no_further(string traceParent)
    {
        await using var peer = await ListeningPeer.StartAsync();
        await using var silo = await peer.StartSiloAsync();

        (await SendAsync(silo, "fanout", FanOut, hops: 2, traceParent)).Dispose();

        peer.Calls.ShouldHaveSingleItem().TraceParent.ShouldBeNullOrEmpty();
    }

    [Fact]
    public async Task A_fan_out_that_goes_in_a_circle_ends()
    {
        await using var peer = await ListeningPeer.StartAsync();
        await using var silo = await peer.StartSiloAsync();

        using var answer = await SendAsync(silo, "fanout", FanOut, hops: 3);
        var line = JsonNode.Parse((await answer.Content.ReadAsStringAsync()).Split('\n')[0])!;

        line["problem"]!["code"]!.GetValue<string>().ShouldBe("loop_detected");
        peer.Calls.ShouldBeEmpty();
    }

    private static Task<HttpResponseMessage> SendAsync(TestSilo silo, string route, string body, int hops, string traceParent = $"00-{TraceId}-b7ad6b7169203331-01")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/functions/echo/{route}") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("traceparent", traceParent);
        request.Headers.Add("X-Helios-Hops", $"{hops}");
        return silo.Http.SendAsync(request);
    }
}
