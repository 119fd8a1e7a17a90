using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using HeliosEdge.Federation;
using HeliosEdge.Silo.Tests.Running;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace HeliosEdge.Silo.Tests.Federation;

/// <summary>What goes over the wire when a call is passed on.</summary>
[Trait("Category", "Slow")]
public sealed class ForwardingTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("west")]
    [InlineData("west&failover=east")]
    public async Task The_trace_the_hops_and_the_deadline_are_passed_on(string region)
    {
        var seen = new TaskCompletionSource<IHeaderDictionary>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var west = await FakePeer.StartAsync(http =>
        {
            seen.TrySetResult(new HeaderDictionary(new Dictionary<string, StringValues>(http.Request.Headers, StringComparer.OrdinalIgnoreCase)));
            return http.Response.WriteAsync("done");
        });
        await using var east = await StartEastAsync(west);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/functions/f/invoke?region={region}");
        request.Headers.Add("traceparent", $"00-{Trace}-00f067aa0ba902b7-01");
        request.Headers.Add("tracestate", "vendor=abc,other=1");
        request.Headers.Add("X-Helios-Deadline-Ms", "30000");

        using var answer = await east.Http.SendAsync(request);

        (await answer.Content.ReadAsStringAsync()).ShouldBe("done");
        var headers = await seen.Task.WaitAsync(Watchdog);
        headers.TraceParent.Single()!.Split('-')[1].ShouldBe(Trace);
        headers.TraceState.ToString().Replace(" ", "", StringComparison.Ordinal).ShouldBe("vendor=abc,other=1");
        headers["X-Helios-Hops"].ToString().ShouldBe("1");
        int.Parse(headers["X-Helios-Deadline-Ms"].ToString()).ShouldBeInRange(1, 30_000);
    }

    [Fact]
    public async Task A_queued_call_waits_for_the_deployment_that_is_on_its_way()
    {
        var (has, asked) = (false, 0);
        await using var west = await FakePeer.StartAsync(http =>
        {
            var isCall = http.Request.Path == "/v1/functions/f/invoke";
            Interlocked.Add(ref asked, isCall ? 1 : 0);
            if (isCall && Volatile.Read(ref has))
            {
                return http.Response.WriteAsync("done");
            }

            http.Response.StatusCode = isCall ? StatusCodes.Status404NotFound : StatusCodes.Status503ServiceUnavailable;
            return http.Response.WriteAsync(isCall
                ? """{"code": "function_not_found", "detail": "No such function."}"""
                : """{"code": "unavailable", "detail": "Not now."}""");
        });
        await using var east = await StartEastAsync(west);
        await east.DeployAsync("f", "echo", regions: ["east", "west"]);

        var accepted = await Answer.JsonAsync(
            await east.Http.PostAsync("/v1/functions/f/invoke-async?region=west", new ByteArrayContent([])));
        var path = $"/v1/invocations/{accepted["id"]!.GetValue<string>()}";
        await Eventually.HoldsAsync("the call to have been refused twice", () => Task.FromResult(Volatile.Read(ref asked) >= 2));
        var waiting = await Answer.JsonAsync(await east.Http.GetAsync(path));
        waiting["state"]!.GetValue<string>().ShouldBeOneOf("queued", "running");
        Volatile.Write(ref has, true);

        var done = await Answer.JsonAsync(await east.Http.GetAsync(path + "?wait=60s"));
        (done["state"]!.GetValue<string>(), done["attempt"]!.GetValue<int>()).ShouldBe(("succeeded", 1));
    }

    [Fact]
    public async Task A_call_by_way_of_a_peer_is_one_trace_on_both_silos()
    {
        var trace = ActivityTraceId.CreateRandom();
        var ran = new ConcurrentBag<(ActivityKind Kind, string? State)>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == trace)
                {
                    ran.Add((activity.Kind, activity.TraceStateString));
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var silos = await Silos.StartAsync();
        await silos.West.DeployAsync("echo", "echo");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/functions/echo/invoke?region=west") { Content = new ByteArrayContent([1]) };
        request.Headers.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
        request.Headers.Add("tracestate", "vendor=abc");

        (await silos.East.Http.SendAsync(request)).EnsureSuccessStatusCode();

        await Eventually.HoldsAsync("both silos have ended their part", () => Task.FromResult(ran.Count == 2));
        ran.ShouldBe([(ActivityKind.Server, "vendor=abc"), (ActivityKind.Server, "vendor=abc")]);
    }

    [Fact]
    public async Task A_large_answer_begins_before_it_is_whole()
    {
        var mayEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var west = await FakePeer.StartAsync(async http =>
        {
            await http.Response.Body.WriteAsync(new byte[100_000]);
            await http.Response.Body.FlushAsync();
            await mayEnd.Task;
            await http.Response.Body.WriteAsync(new byte[100_000]);
        });
        await using var east = await StartEastAsync(west);

        using var answer = await east.Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, "/v1/functions/f/invoke?region=west"), HttpCompletionOption.ResponseHeadersRead).WaitAsync(Watchdog);
        await using var body = await answer.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[100_000]).AsTask().WaitAsync(Watchdog);
        mayEnd.Task.IsCompleted.ShouldBeFalse();
        mayEnd.SetResult();

        var rest = new MemoryStream();
        await body.CopyToAsync(rest).WaitAsync(Watchdog);
        rest.Length.ShouldBe(100_000);
    }

    [Fact]
    public async Task The_trace_the_hops_the_deadline_and_the_key_go_with_a_request_whose_answer_is_streamed()
    {
        var mayEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = new TaskCompletionSource<IHeaderDictionary>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var west = await FakePeer.StartAsync(async http =>
        {
            seen.TrySetResult(new HeaderDictionary(new Dictionary<string, StringValues>(http.Request.Headers, StringComparer.OrdinalIgnoreCase)));
            await http.Response.Body.WriteAsync(Frame("""{"status": 201, "headers": [{"name": "x-a", "value": "b"}]}""", "first"));
            await mayEnd.Task;
            await http.Response.WriteAsync("second");
        });
        using var folder = new TemporaryFolder();
        var keyFile = Path.Combine(folder.Path, "peer.key");
        await File.WriteAllTextAsync(keyFile, new string('k', 40));
        await using var east = await StartEastAsync(west, keyFile);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/fn/f");
        request.Headers.Add("X-Helios-Region", "west");
        request.Headers.Add("traceparent", $"00-{Trace}-00f067aa0ba902b7-01");
        request.Headers.Add("X-Helios-Deadline-Ms", "30000");

        using var answer = await east.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Watchdog);

        ((int)answer.StatusCode).ShouldBe(201);
        answer.Headers.GetValues("X-A").ShouldBe(["b"]);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var first = new byte[5];
        await body.ReadExactlyAsync(first).AsTask().WaitAsync(Watchdog);
        first.ShouldBe("first"u8.ToArray());
        mayEnd.SetResult();
        (await new StreamReader(body).ReadToEndAsync().WaitAsync(Watchdog)).ShouldBe("second");
        var headers = await seen.Task.WaitAsync(Watchdog);
        headers.TraceParent.Single()!.Split('-')[1].ShouldBe(Trace);
        headers["X-Helios-Hops"].ToString().ShouldBe("1");
        headers["X-Helios-Peer-Key"].ToString().ShouldBe(new string('k', 40));
        int.Parse(headers["X-Helios-Deadline-Ms"].ToString()).ShouldBeInRange(1, 30_000);
    }

    [Theory]
    [InlineData("", "was lost in the middle of its answer")]
    [InlineData("abc", "was lost in the middle of its answer")]
    [InlineData("\u00ff\u00ff\u00ff\u007f", "no message of a silo")]
    [InlineData("\u0002\0\0\0{}", "no message of a silo")]
    [InlineData("\u0040\0\0\0{", "was lost in the middle of its answer")]
    public async Task A_peer_that_answers_what_is_no_message_has_failed(string bytes, string what)
    {
        await using var west = await FakePeer.StartAsync(async http =>
        {
            await http.Response.StartAsync();
            await http.Response.Body.WriteAsync(Encoding.Latin1.GetBytes(bytes));
        });
        await using var east = await StartEastAsync(west);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/fn/f");
        request.Headers.Add("X-Helios-Region", "west");

        using var answer = await east.Http.SendAsync(request).WaitAsync(Watchdog);

        (await Answer.ProblemAsync(answer, HttpStatusCode.BadGateway, "peer_failed"))["detail"]!.GetValue<string>().ShouldContain(what);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_streamed_answer_that_breaks_off_or_is_too_large_never_looks_whole(bool isTooLarge)
    {
        await using var west = await FakePeer.StartAsync(async http =>
        {
            await http.Response.Body.WriteAsync(Frame("""{"status": 200, "headers": []}""", "first"));
            await http.Response.Body.FlushAsync();
            for (var sent = 0; isTooLarge && sent <= 16 << 20; sent += 1 << 20)
            {
                await http.Response.Body.WriteAsync(new byte[1 << 20], http.RequestAborted);
            }

            if (!isTooLarge)
            {
                http.Abort();
            }
        });
        await using var east = await StartEastAsync(west);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/fn/f");
        request.Headers.Add("X-Helios-Region", "west");

        try
        {
            using var answer = await east.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Watchdog);

            // Which of them it is depends on who is faster, the end or the head's sending.
            if (answer.StatusCode != HttpStatusCode.BadGateway)
            {
                answer.StatusCode.ShouldBe(HttpStatusCode.OK);
                await Should.ThrowAsync<HttpRequestException>(() => answer.Content.ReadAsByteArrayAsync().WaitAsync(Watchdog));
            }
        }
        catch (HttpRequestException e) when (e.InnerException is IOException)
        {
            // Broken before its head was read: no whole response either.
            return;
        }
    }

    [Fact]
    public async Task A_request_is_passed_on_while_it_still_comes()
    {
        var mayEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var west = await FakePeer.StartAsync(async http =>
        {
            await http.Request.Body.ReadExactlyAsync(new byte[100_000]);
            mayEnd.TrySetResult();
            var rest = new MemoryStream();
            await http.Request.Body.CopyToAsync(rest);
            await http.Response.WriteAsync($"{100_000 + rest.Length}");
        });
        await using var east = await StartEastAsync(west);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/functions/f/invoke?region=west") { Content = new InTwoParts(mayEnd.Task) };

        using var answer = await east.Http.SendAsync(request).WaitAsync(Watchdog);

        (await answer.Content.ReadAsStringAsync()).ShouldBe("200000");
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_the_call_at_the_peer()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var west = await FakePeer.StartAsync(async http =>
        {
            http.RequestAborted.Register(() => ended.TrySetResult());
            begun.TrySetResult();
            await ended.Task;
        });
        await using var east = await StartEastAsync(west);
        using var leave = new CancellationTokenSource();
        var call = east.Http.PostAsync("/v1/functions/f/invoke?region=west", new ByteArrayContent([1]), leave.Token);
        await begun.Task.WaitAsync(Watchdog);

        await leave.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call);
        await ended.Task.WaitAsync(Watchdog);
    }

    private static byte[] Frame(string head, string body) =>
        [.. BitConverter.GetBytes(Encoding.UTF8.GetByteCount(head)), .. Encoding.UTF8.GetBytes(head), .. Encoding.UTF8.GetBytes(body)];

    private static async Task<TestSilo> StartEastAsync(FakePeer west, string? keyFile = null)
    {
        var east = await TestSilo.StartAsync(
            regions: ["east"],
            federation: new FederationOptions { Peers = [("west", west.Address)] },
            configure: options => options with { Access = options.Access with { PeerKeyFile = keyFile } });
        await Silos.WaitForStatesAsync(east, "up");
        return east;
    }

    private sealed class InTwoParts(Task maySendSecond) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[100_000]);
            await stream.FlushAsync();
            await maySendSecond;
            await stream.WriteAsync(new byte[100_000]);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
