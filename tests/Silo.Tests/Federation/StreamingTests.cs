using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Invocations;

namespace HeliosEdge.Silo.Tests.Federation;

/// <summary>Calls that run at a peer, with silos that are processes of their own and guests that do not end by themselves.</summary>
[Trait("Category", "Process")]
public sealed class StreamingTests : IAsyncLifetime
{
    private const string Beginning = "the beginning\n";
    private const int LongMs = 60_000;

    // Less than the guests' own time: none of these tests passes because a guest has come to its end.
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(50);

    private PeerProcesses _silos = null!;

    public async Task InitializeAsync() => _silos = await PeerProcesses.StartAsync();

    public async Task DisposeAsync() => await _silos.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData("north")]
    public async Task What_a_program_at_a_peer_writes_arrives_while_it_runs_and_it_is_ended_when_the_caller_leaves(string? failover)
    {
        await DeployAsync("ticks", LongMs);
        using var watchdog = new CancellationTokenSource(Watchdog);
        using (var response = await SendAsync(Request("/fn/ticks/ticks", failover), watchdog.Token))
        {
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain");
            response.Content.Headers.ContentLength.ShouldBeNull();
            response.Headers.GetValues("X-Helios-Region").ShouldBe(["west"]);
            response.Headers.GetValues("X-Helios-Version").ShouldBe(["1"]);
            response.Headers.Contains("X-Helios-Duration-Us").ShouldBeFalse();
            response.Headers.GetValues("Content-Security-Policy").Count().ShouldBe(1);
            await using var body = await response.Content.ReadAsStreamAsync(watchdog.Token);
            await ExpectAsync(body, Beginning + "tick 0\ntick 1\ntick 2\n", watchdog.Token);
        }

        // There is one instance only, and the program that has it never ends by itself.
        (await _silos.West.GetStringAsync("/fn/ticks/steps", watchdog.Token)).ShouldEndWith("step 4\n");
        _silos.Logs.East.ShouldNotContain("broke off");
        _silos.Logs.West.ShouldNotContain("broke off");
    }

    [Fact]
    public async Task A_program_at_a_peer_is_heard_before_the_rest_of_its_request_is_sent()
    {
        await DeployAsync("talks", LongMs);
        using var watchdog = new CancellationTokenSource(Watchdog);
        var (request, body) = InParts.Post("/fn/talks/lines");
        using var sent = request;
        sent.Headers.Add("X-Helios-Region", "west");

        using var response = await SendAsync(sent, watchdog.Token);

        await using var answer = await response.Content.ReadAsStreamAsync(watchdog.Token);
        await ExpectAsync(answer, Beginning, watchdog.Token);
        foreach (var line in new[] { "one\n", "two\n" })
        {
            body.Send(line);
            await ExpectAsync(answer, $"got {line}", watchdog.Token);
        }

        body.End();
        (await new StreamReader(answer).ReadToEndAsync(watchdog.Token)).ShouldBe("the end\n");
    }

    [Theory]
    [InlineData("west")]
    [InlineData("west&failover=north")]
    public async Task An_endless_guest_at_a_peer_is_ended_when_the_caller_leaves(string region)
    {
        await DeployAsync("endless", LongMs, registration => registration["env"] = new JsonObject { ["PATH_INFO"] = "/spin" });
        using var leave = new CancellationTokenSource();
        var call = _silos.East.PostAsync($"/v1/functions/endless/invoke?region={region}", new ByteArrayContent([]), leave.Token);
        await Eventually.HoldsAsync("the guest runs", () => Task.FromResult(Begun() == 1));

        await leave.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call);

        // A call that has to wait for long for the only instance is refused, and never begins.
        using var stop = new CancellationTokenSource();
        var next = _silos.West.PostAsync("/v1/functions/endless/invoke", new ByteArrayContent([]), stop.Token);
        await Eventually.HoldsAsync("the next guest runs", () => Task.FromResult(Begun() == 2));
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => next);

        int Begun() => _silos.Logs.West.Split("endless in west: has begun").Length - 1;
    }

    [Fact]
    public async Task The_callers_deadline_ends_a_response_that_has_begun_and_the_program_too()
    {
        await DeployAsync("late", LongMs);
        using var watchdog = new CancellationTokenSource(Watchdog);
        using var request = Request("/fn/late/ticks");
        request.Headers.Add("X-Helios-Deadline-Ms", "3000");

        using (var response = await SendAsync(request, watchdog.Token))
        {
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            await Should.ThrowAsync<HttpRequestException>(() => response.Content.ReadAsByteArrayAsync(watchdog.Token));
        }

        (await _silos.West.GetStringAsync("/fn/late/steps", watchdog.Token)).ShouldEndWith("step 4\n");
    }

    [Fact]
    public async Task A_program_that_fails_after_it_has_begun_breaks_the_response_at_both_silos()
    {
        await DeployAsync("fails", 3_000);
        using var watchdog = new CancellationTokenSource(Watchdog);

        using var response = await SendAsync(Request("/fn/fails/spin"), watchdog.Token);

        await using var body = await response.Content.ReadAsStreamAsync(watchdog.Token);
        await ExpectAsync(body, Beginning, watchdog.Token);
        await Should.ThrowAsync<IOException>(async () => await body.ReadAtLeastAsync(new byte[1], 1, false, watchdog.Token));
        await Eventually.HoldsAsync("both have logged it", () => Task.FromResult(
            _silos.Logs.West.Contains("The response of fails in west broke off after its head was sent: timeout", StringComparison.Ordinal)
            && _silos.Logs.East.Contains("The response of fails in west broke off after its head was sent: peer_failed", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_silo_that_is_killed_in_the_middle_of_a_response_breaks_it()
    {
        await DeployAsync("killed", LongMs);
        using var watchdog = new CancellationTokenSource(Watchdog);
        using var response = await SendAsync(Request("/fn/killed/ticks", "north"), watchdog.Token);
        await using var body = await response.Content.ReadAsStreamAsync(watchdog.Token);
        await ExpectAsync(body, Beginning, watchdog.Token);

        await _silos.KillWestAsync();

        await Should.ThrowAsync<IOException>(() => body.CopyToAsync(Stream.Null, watchdog.Token));
    }

    [Fact]
    public async Task A_large_response_is_whole_and_one_that_nobody_takes_holds_its_program_up_until_its_time_is_over()
    {
        const int Blocks = 250;
        await DeployAsync("whole", LongMs, registration => registration["limits"]!["maxResponseBytes"] = 16 << 20);
        await DeployAsync("large", 3_000, registration => registration["limits"]!["maxResponseBytes"] = 16 << 20);
        using var watchdog = new CancellationTokenSource(Watchdog);
        using var whole = await SendAsync(Request($"/fn/whole/blocks?{Blocks}"), watchdog.Token);
        (await whole.Content.ReadAsByteArrayAsync(watchdog.Token)).Length.ShouldBe(Beginning.Length + (Blocks * (64 << 10)));

        // What is under way is held in several places, the kernel among them, but in none without an end.
        using var slow = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancel) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { ReceiveBufferSize = 64 << 10 };
                await socket.ConnectAsync(context.DnsEndPoint, cancel);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = _silos.East.BaseAddress,
        };
        using var response = await slow.SendAsync(Request($"/fn/large/blocks?{Blocks}"), HttpCompletionOption.ResponseHeadersRead, watchdog.Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Eventually.HoldsAsync("the program's time is over", () => Task.FromResult(
            _silos.Logs.West.Contains("The response of large in west broke off after its head was sent: timeout", StringComparison.Ordinal)));

        await Should.ThrowAsync<HttpRequestException>(() => response.Content.ReadAsByteArrayAsync(watchdog.Token));
    }

    private static async Task ExpectAsync(Stream body, string text, CancellationToken cancel)
    {
        var bytes = new byte[text.Length];
        await body.ReadExactlyAsync(bytes, cancel);
        Encoding.ASCII.GetString(bytes).ShouldBe(text);
    }

    private static HttpRequestMessage Request(string path, string? failover = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Helios-Region", "west");
        if (failover is not null)
        {
            request.Headers.Add("X-Helios-Failover", failover);
        }

        return request;
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel) =>
        _silos.East.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);

    /// <summary>Registers the CGI program in west, where it has one instance.</summary>
    private Task DeployAsync(string name, int timeoutMs, Action<JsonObject>? more = null) => PeerProcesses.DeployAsync(
        _silos.West,
        name,
        "wasi_cgi",
        timeoutMs,
        registration =>
        {
            registration["entry"] = "_start";
            registration["limits"]!["maxInstances"] = 1;
            more?.Invoke(registration);
        });
}
