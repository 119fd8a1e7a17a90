using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Http;

[Trait("Category", "Slow")]
public sealed class InvokeTests(OneSilo shared) : IClassFixture<OneSilo>
{
    private readonly TestSilo _silo = shared.Silo;

    [Fact]
    public async Task A_response_comes_with_region_duration_and_module()
    {
        var function = await _silo.DeployAsync("echo", "echo");

        using var response = await _silo.InvokeAsync("echo", [1, 2, 3], "us-east");

        (await response.Content.ReadAsByteArrayAsync()).ShouldBe([1, 2, 3]);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/octet-stream");
        response.Headers.GetValues("X-Helios-Region").ShouldBe(["us-east"]);
        response.Headers.GetValues("X-Helios-Module-Hash").ShouldBe([function["module"]!.GetValue<string>()]);
        long.Parse(response.Headers.GetValues("X-Helios-Duration-Us").Single(), CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Without_a_region_the_first_one_that_serves_the_function_is_taken()
    {
        await _silo.DeployAsync("everywhere", "echo");
        await _silo.DeployAsync("elsewhere", "echo", regions: ["ap-south", "us-east"]);

        (await _silo.InvokeAsync("everywhere")).Headers.GetValues("X-Helios-Region").ShouldBe(["eu-west"]);
        (await _silo.InvokeAsync("elsewhere")).Headers.GetValues("X-Helios-Region").ShouldBe(["us-east"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(1_000_000)]
    public async Task Payloads_of_all_sizes_come_back(int size)
    {
        await _silo.DeployAsync("sizes", "echo");
        var payload = RandomNumberGenerator.GetBytes(size);

        (await _silo.CallAsync("sizes", payload)).ShouldBe(payload);
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/v1/functions/sizes/invoke") { Content = new ByteArrayContent(payload) };
        chunked.Headers.TransferEncodingChunked = true;
        (await (await _silo.Http.SendAsync(chunked)).Content.ReadAsByteArrayAsync()).ShouldBe(payload);
    }

    [Fact]
    public async Task Unknown_functions_and_regions_are_not_found()
    {
        await _silo.DeployAsync("local", "echo", regions: ["eu-west"]);

        await Answer.ProblemAsync(await _silo.InvokeAsync("nobody"), HttpStatusCode.NotFound, "function_not_found");
        await Answer.ProblemAsync(await _silo.InvokeAsync("nobody", region: "eu-west"), HttpStatusCode.NotFound, "function_not_found");
        await Answer.ProblemAsync(await _silo.InvokeAsync("local", region: "us-east"), HttpStatusCode.NotFound, "function_not_found");
        var problem = await Answer.ProblemAsync(await _silo.InvokeAsync("local", region: "mars"), HttpStatusCode.NotFound, "region_not_found");
        problem["detail"]!.GetValue<string>().ShouldContain("eu-west, us-east, ap-south");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_payload_over_the_functions_limit_is_too_large(bool announced)
    {
        await _silo.DeployAsync("small", "echo", limits: new JsonObject { ["maxPayloadBytes"] = 1_000 });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/functions/small/invoke") { Content = new ByteArrayContent(new byte[1_001]) };
        request.Headers.TransferEncodingChunked = !announced;

        var problem = await Answer.ProblemAsync(await _silo.Http.SendAsync(request), HttpStatusCode.RequestEntityTooLarge, "payload_too_large");

        (problem["limit"]!.GetValue<int>(), problem["value"]!.GetValue<int>()).ShouldBe((1_000, 1_001));
        (await _silo.CallAsync("small", new byte[1_000])).Length.ShouldBe(1_000);
    }

    [Theory]
    [InlineData("liar", "beyond")]
    [InlineData("liar", "across")]
    [InlineData("liar", "overflow")]
    [InlineData("liar", "wrap")]
    [InlineData("liar", "negative")]
    [InlineData("liar", "empty_beyond")]
    [InlineData("allocate_beyond", "handle")]
    [InlineData("allocate_negative", "handle")]
    [InlineData("allocate_null", "handle")]
    public async Task A_guest_that_lies_about_its_memory_gets_nothing_out(string guest, string entry)
    {
        await _silo.DeployAsync("liar", guest, entry);

        using var response = await _silo.InvokeAsync("liar", [1]);

        await Answer.ProblemAsync(response, HttpStatusCode.BadGateway, "corrupted_response");
        response.Headers.Contains("X-Helios-Duration-Us").ShouldBeTrue();
    }

    [Fact]
    public async Task A_response_over_the_limit_is_too_large()
    {
        await _silo.DeployAsync("long", "liar", "long");

        var problem = await Answer.ProblemAsync(await _silo.InvokeAsync("long"), HttpStatusCode.BadGateway, "response_too_large");

        (problem["limit"]!.GetValue<int>(), problem["value"]!.GetValue<int>()).ShouldBe((1 << 20, 2 << 20));
    }

    [Theory]
    [InlineData("spin")]
    [InlineData("allocate_spin")]
    [InlineData("start_spin")]
    public async Task A_guest_that_never_returns_times_out(string guest)
    {
        await _silo.DeployAsync("endless", guest, limits: new JsonObject { ["timeoutMs"] = 100 });

        var problem = await Answer.ProblemAsync(await _silo.InvokeAsync("endless", [1]), HttpStatusCode.GatewayTimeout, "timeout");

        problem["limit"]!.GetValue<int>().ShouldBe(100);
        problem["value"]!.GetValue<int>().ShouldBeGreaterThanOrEqualTo(100);
    }

    [Fact]
    public async Task A_guest_that_wants_too_much_memory_exceeds_it()
    {
        await _silo.DeployAsync("hog", "hog", limits: new JsonObject { ["memoryMiB"] = 10 });
        await _silo.DeployAsync("tables", "large_table");

        var memory = await Answer.ProblemAsync(await _silo.InvokeAsync("hog"), HttpStatusCode.BadGateway, "memory_limit_exceeded");
        memory["limit"]!.GetValue<int>().ShouldBe(10 << 20);
        await Answer.ProblemAsync(await _silo.InvokeAsync("tables"), HttpStatusCode.BadGateway, "memory_limit_exceeded");
    }

    [Fact]
    public async Task A_trap_comes_with_the_guests_calls()
    {
        await _silo.DeployAsync("crash", "crash");
        await _silo.DeployAsync("recurse", "recurse");
        await _silo.DeployAsync("stillborn", "start_trap");

        var trap = await Answer.ProblemAsync(await _silo.InvokeAsync("crash"), HttpStatusCode.BadGateway, "trap");
        trap["detail"]!.GetValue<string>().ShouldContain("out of bounds memory access");
        trap["backtrace"]!.AsArray().Select(line => line!.GetValue<string>()).ShouldBe(["innermost", "middle", "outermost"]);
        var recursion = await Answer.ProblemAsync(await _silo.InvokeAsync("recurse"), HttpStatusCode.BadGateway, "trap");
        recursion["detail"]!.GetValue<string>().ShouldContain("call stack exhausted");
        await Answer.ProblemAsync(await _silo.InvokeAsync("stillborn"), HttpStatusCode.BadGateway, "trap");
    }

    [Fact]
    public async Task Nothing_of_one_call_is_visible_to_the_next()
    {
        await _silo.DeployAsync("counter", "counter");
        await _silo.DeployAsync("residue", "residue");
        var secret = Enumerable.Repeat((byte)0xA5, 64).ToArray();

        var calls = Enumerable.Range(0, 100).Select(async _ =>
        {
            (await _silo.CallAsync("counter", [])).ShouldBe([1, 1]);
            (await _silo.CallAsync("residue", secret)).ShouldBe(new byte[64]);
        });

        await Task.WhenAll(calls);
    }

    [Fact]
    public async Task Sixty_four_calls_at_once_each_get_their_own_answer()
    {
        await _silo.DeployAsync("parallel", "echo");

        await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(async () =>
        {
            for (var round = 0; round < 20; round++)
            {
                var payload = BitConverter.GetBytes((i * 1_000) + round);
                (await _silo.CallAsync("parallel", payload, (i % 3) switch { 0 => "eu-west", 1 => "us-east", _ => "ap-south" })).ShouldBe(payload);
            }
        })));
    }

    [Fact]
    public async Task Endless_guests_do_not_keep_others_from_being_served()
    {
        await _silo.DeployAsync("burner", "spin", limits: new JsonObject { ["timeoutMs"] = 10_000 });
        await _silo.DeployAsync("healthy", "echo");
        var endless = Enumerable.Range(0, 4).Select(_ => _silo.InvokeAsync("burner")).ToArray();

        for (var i = 0; i < 50; i++)
        {
            (await _silo.CallAsync("healthy", [1])).ShouldBe([1]);
            (await _silo.Http.GetAsync("/healthz")).IsSuccessStatusCode.ShouldBeTrue();
        }

        endless.ShouldAllBe(call => !call.IsCompleted);
        foreach (var call in endless)
        {
            await Answer.ProblemAsync(await call, HttpStatusCode.GatewayTimeout, "timeout");
        }
    }

    [Fact]
    public async Task A_silo_that_is_too_busy_says_so_and_when_to_come_again()
    {
        await using var silo = await TestSilo.StartAsync(guests: new GuestThreadOptions { Threads = 1, MaxQueued = 0 });
        await silo.DeployAsync("spin", "spin", limits: new JsonObject { ["timeoutMs"] = 1_000 });

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => silo.InvokeAsync("spin")));

        var busy = answers.Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ToArray();
        busy.Length.ShouldBeGreaterThanOrEqualTo(3);
        await Answer.ProblemAsync(busy[0], HttpStatusCode.TooManyRequests, "overloaded");
        busy[0].Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
    }
}
