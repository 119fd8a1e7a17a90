using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Http;

[Trait("Category", "Slow")]
public sealed class StreamedResponseTests : IAsyncLifetime
{
    private const string Beginning = "the beginning\n";

    private TestSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await TestSilo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task A_program_that_has_not_ended_is_heard_already_and_breaks_its_response_when_it_is_ended()
    {
        using var counter = new Broken("streams");
        await _silo.DeployAsync("streams", "wasi_cgi", "_start", new JsonObject { ["timeoutMs"] = 12_000 });
        using var watchdog = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        using var response = await _silo.Http.GetAsync("/fn/streams/spin", HttpCompletionOption.ResponseHeadersRead, watchdog.Token);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain");
        response.Content.Headers.ContentLength.ShouldBeNull();
        response.Headers.GetValues("X-Helios-Region").ShouldBe(["eu-west"]);
        response.Headers.GetValues("X-Helios-Version").ShouldBe(["1"]);
        await using var body = await response.Content.ReadAsStreamAsync(watchdog.Token);
        var begun = new byte[Beginning.Length];
        await body.ReadExactlyAsync(begun, watchdog.Token);
        Encoding.ASCII.GetString(begun).ShouldBe(Beginning);
        await Should.ThrowAsync<IOException>(async () => await body.ReadAtLeastAsync(new byte[1], 1, false, watchdog.Token));
        counter.Codes.ShouldBe(["timeout"]);
    }

    [Theory]
    [InlineData("/trap", "trap", HttpStatusCode.BadGateway, null)]
    [InlineData("/spin", "timeout", HttpStatusCode.GatewayTimeout, 300)]
    public async Task A_response_that_did_not_end_well_never_looks_whole(string path, string code, HttpStatusCode status, int? deadlineMs)
    {
        await _silo.DeployAsync("fails", "wasi_cgi", "_start");
        using var watchdog = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/fn/fails{path}");
        if (deadlineMs is not null)
        {
            request.Headers.Add("X-Helios-Deadline-Ms", $"{deadlineMs}");
        }

        using var response = await SendAsync(request);

        // Which of them it is depends on who is faster, the guest's end or the head's sending.
        if (response is null)
        {
            return;
        }

        if (response.StatusCode == HttpStatusCode.OK)
        {
            await Should.ThrowAsync<HttpRequestException>(() => response.Content.ReadAsByteArrayAsync(watchdog.Token));
        }
        else
        {
            await Answer.ProblemAsync(response, status, code);
        }
    }

    [Fact]
    public async Task A_response_is_whole_whatever_steps_it_comes_in()
    {
        await _silo.DeployAsync("steps", "wasi_cgi", "_start", new JsonObject { ["maxPayloadBytes"] = 2 << 20, ["maxResponseBytes"] = 2 << 20 });

        (await _silo.Http.GetStringAsync("/fn/steps/steps")).ShouldBe(Beginning + "step 0\nstep 1\nstep 2\nstep 3\nstep 4\n");
        var body = new byte[1 << 20];
        new Random(7).NextBytes(body);
        byte[] output = [.. "Content-Type: a/b\nX-A: 1\n\n"u8, .. body];
        using var response = await _silo.Http.PostAsync("/fn/steps", new ByteArrayContent(output));
        response.Headers.GetValues("X-A").ShouldBe(["1"]);
        (await response.Content.ReadAsByteArrayAsync()).ShouldBe(body);
    }

    [Fact]
    public async Task A_response_over_its_limit_never_looks_whole()
    {
        await _silo.DeployAsync("large", "wasi_cgi", "_start", new JsonObject { ["maxPayloadBytes"] = 2 << 20, ["maxResponseBytes"] = 1 << 20 });
        byte[] output = [.. "Content-Type: a/b\n\n"u8, .. new byte[1 << 20]];
        using var request = new HttpRequestMessage(HttpMethod.Post, "/fn/large") { Content = new ByteArrayContent(output) };

        using var response = await SendAsync(request);

        if (response is null)
        {
            return;
        }

        if (response.StatusCode == HttpStatusCode.OK)
        {
            await Should.ThrowAsync<HttpRequestException>(() => response.Content.ReadAsByteArrayAsync());
        }
        else
        {
            (await Answer.ProblemAsync(response, HttpStatusCode.BadGateway, "response_too_large"))["limit"]!.GetValue<int>().ShouldBe(1 << 20);
        }
    }

    [Fact]
    public async Task A_response_that_nobody_takes_holds_its_program_up_until_its_time_is_over()
    {
        using var counter = new Broken("stalls");
        await _silo.DeployAsync("stalls", "wasi_cgi", "_start", new JsonObject { ["timeoutMs"] = 3_000, ["maxResponseBytes"] = 16 << 20 });
        using var watchdog = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        using var response = await _silo.Http.GetAsync("/fn/stalls/blocks?250", HttpCompletionOption.ResponseHeadersRead, watchdog.Token);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Eventually.HoldsAsync("its time is over", () => Task.FromResult(counter.Codes is ["timeout"]));
        await Should.ThrowAsync<HttpRequestException>(() => response.Content.ReadAsByteArrayAsync(watchdog.Token));
    }

    [Fact]
    public async Task A_caller_who_goes_away_in_the_middle_does_no_harm()
    {
        using var counter = new Broken("leaves");
        await _silo.DeployAsync("leaves", "wasi_cgi", "_start", new JsonObject { ["timeoutMs"] = 30_000, ["maxInstances"] = 1 });
        for (var i = 0; i < 3; i++)
        {
            using var response = await _silo.Http.GetAsync("/fn/leaves/spin", HttpCompletionOption.ResponseHeadersRead).WaitAsync(TimeSpan.FromSeconds(60));
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        // Only once the guests of those who left were ended is there an instance for this one.
        (await _silo.Http.GetStringAsync("/fn/leaves/steps").WaitAsync(TimeSpan.FromSeconds(60))).ShouldEndWith("step 4\n");
        counter.Codes.ShouldBeEmpty();
    }

    /// <summary>Sends a request; null if the connection broke before its head was read, which is no whole response either.</summary>
    private async Task<HttpResponseMessage?> SendAsync(HttpRequestMessage request)
    {
        using var watchdog = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            return await _silo.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, watchdog.Token);
        }
        catch (HttpRequestException e) when (e.InnerException is IOException)
        {
            return null;
        }
    }

    /// <summary>Listens for broken responses of one function.</summary>
    private sealed class Broken : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly List<string?> _codes = [];

        public Broken(string function)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "helios.http.broken_responses")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
            {
                var known = new Dictionary<string, object?>(tags.ToArray());
                if (known["function"] as string == function)
                {
                    lock (_codes)
                    {
                        _codes.Add(known["code"] as string);
                    }
                }
            });
            _listener.Start();
        }

        public string?[] Codes
        {
            get
            {
                lock (_codes)
                {
                    return [.. _codes];
                }
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
