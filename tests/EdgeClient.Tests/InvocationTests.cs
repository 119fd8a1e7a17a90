using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace HeliosEdge.Client.Tests;

/// <summary>Queued calls, fan-outs and repeats, against a real silo.</summary>
[Trait("Category", "Process")]
public sealed class InvocationTests(SharedSilo silo) : IClassFixture<SharedSilo>, IDisposable
{
    private static readonly byte[] Bytes = [0xFF, 0, 1];

    private readonly HttpEdgeClient _client = new(silo.Address);

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task AQueuedCallGivesItsResult()
    {
        await DeployAsync("echo", SharedSilo.Sample("echo"));

        var handle = await _client.EnqueueAsync("echo", "us-east", Bytes);
        var result = await handle.GetResultAsync();
        var again = await new InvocationHandle(_client, handle.Id).StatusAsync();

        result.ShouldBe(Bytes);
        (again.State, again.Region, again.Attempt).ShouldBe((InvocationState.Succeeded, "us-east", 1));
        (await handle.CancelAsync()).State.ShouldBe(InvocationState.Succeeded);
    }

    [Fact]
    public async Task TheSameKeyIsTheSameCall()
    {
        await DeployAsync("echo", SharedSilo.Sample("echo"));
        var options = new CallOptions { IdempotencyKey = "once" };

        var first = await _client.EnqueueAsync("echo", null, Bytes, options);
        var second = await _client.EnqueueAsync("echo", null, Bytes, options);

        second.Id.ShouldBe(first.Id);
        (await _client.InvokeAsync("echo", null, Bytes, options)).ToArray().ShouldBe(Bytes);
        var reused = await Should.ThrowAsync<EdgeException>(() => _client.InvokeAsync("echo", null, new byte[] { 1 }, options));
        reused.Code.ShouldBe("idempotency_key_reused");
    }

    [Fact]
    public async Task ACallThatFailsForGoodThrowsAsItWouldHaveAtOnce()
    {
        await DeployAsync("crash", SharedSilo.Guest("crash"), maxAttempts: 1);

        var handle = await _client.EnqueueAsync("crash", null, Bytes);
        var trap = await Should.ThrowAsync<EdgeTrapException>(() => handle.GetResultAsync());
        var dead = await _client.ListInvocationsAsync(InvocationState.Dead, "crash").SingleAsync();
        var retried = await _client.RetryInvocationAsync(handle.Id);

        trap.Backtrace.ShouldNotBeEmpty();
        dead.Id.ShouldBe(handle.Id);
        dead.Fault!.Code.ShouldBe("trap");
        retried.Id.ShouldBe(handle.Id);
    }

    [Fact]
    public async Task ACancelledCallSaysSo()
    {
        await DeployAsync("spin", SharedSilo.Guest("spin"));
        var handle = await _client.EnqueueAsync("spin", null, Bytes);

        (await handle.CancelAsync()).State.ShouldBe(InvocationState.Cancelled);

        (await Should.ThrowAsync<EdgeException>(() => handle.GetResultAsync())).Code.ShouldBe("cancelled");
    }

    [Fact]
    public async Task AFanOutGivesEachRegionsAnswer()
    {
        await DeployAsync("echo", SharedSilo.Sample("echo"));

        var all = await _client.FanOutAsync("echo", new FanOutRequest { Payload = Bytes }).ToListAsync();
        var first = await _client.FanOutAsync("echo", new FanOutRequest { Mode = FanOutMode.First, Payload = Bytes }).ToListAsync();

        all.Select(answer => answer.Region).ShouldBe(["eu-west", "us-east", "ap-south"], ignoreOrder: true);
        all.ShouldAllBe(answer => answer.ResponseBytes().SequenceEqual(Bytes));
        first.Count.ShouldBe(1);
        await Should.ThrowAsync<EdgeFunctionNotFoundException>(async () => await _client.FanOutAsync("nobody", new FanOutRequest()).ToListAsync());
    }

    [Fact]
    public async Task ARegionThatFailsIsAResultOfTheFanOut()
    {
        await DeployAsync("late", SharedSilo.Guest("spin"));

        var answers = await _client.FanOutAsync("late", new FanOutRequest { Regions = ["eu-west"] }, TimeSpan.FromMilliseconds(50)).ToListAsync();

        Should.Throw<EdgeTimeoutException>(() => answers.ShouldHaveSingleItem().ResponseBytes());
    }

    [Fact]
    public async Task ADurableFanOutHasTheInvocationsOfItsRegions()
    {
        await DeployAsync("echo", SharedSilo.Sample("echo"));

        var handle = await _client.EnqueueFanOutAsync("echo", new FanOutRequest { Regions = ["eu-west", "ap-south"], Payload = Bytes });
        var done = await handle.WaitAsync();

        done.State.ShouldBe("succeeded");
        done.Regions.Select(region => region.Region).ShouldBe(["eu-west", "ap-south"]);
        done.Regions.ShouldAllBe(region => region.ResponseBytes()!.SequenceEqual(Bytes));
    }

    [Fact]
    public async Task ADeadlineEndsTheGuest()
    {
        await DeployAsync("endless", SharedSilo.Guest("spin"));

        await Should.ThrowAsync<EdgeTimeoutException>(
            () => _client.InvokeAsync("endless", null, Bytes, new CallOptions { Deadline = TimeSpan.FromMilliseconds(100) }));
    }

    [Fact]
    public async Task ACallThatCanNotHaveBegunIsSentAgainAndOneThatMayHaveOnlyWithAKey()
    {
        var answers = 0;
        await using var busy = RawServer.Answering(() => Interlocked.Increment(ref answers) % 3 == 0
            ? RawServer.Http(200, "application/octet-stream", Bytes)
            : Problem(429, "overloaded"));
        await using var failing = RawServer.Answering(() => Problem(502, "peer_failed"));
        using var toBusy = new HttpEdgeClient(busy.Address);
        using var toFailing = new HttpEdgeClient(failing.Address);

        (await toBusy.InvokeAsync("f", null, Bytes, new CallOptions())).ToArray().ShouldBe(Bytes);
        await Should.ThrowAsync<EdgeOverloadedException>(() => toBusy.InvokeAsync("f", null, Bytes, new CallOptions { MaxAttempts = 2 }));
        await Should.ThrowAsync<EdgeException>(() => toFailing.InvokeAsync("f", null, Bytes, new CallOptions()));
        failing.Requests.Count.ShouldBe(1);
        await Should.ThrowAsync<EdgeException>(() => toFailing.InvokeAsync("f", null, Bytes, new CallOptions { IdempotencyKey = "k" }));
        failing.Requests.Count.ShouldBe(5);
    }

    [Fact]
    public async Task AFanOutThatBreaksOffIsAnError()
    {
        await using var server = RawServer.Answering(
            200, "application/x-ndjson", """{"region":"a","status":200,"durationUs":1,"body":"x"}""" + "\n");
        using var client = new HttpEdgeClient(server.Address);
        var seen = new List<string>();

        await Should.ThrowAsync<EdgeConnectionException>(async () =>
        {
            await foreach (var answer in client.FanOutAsync("f", new FanOutRequest()))
            {
                seen.Add(answer.Region);
            }
        });

        seen.ShouldBe(["a"]);
    }

    [Fact]
    public async Task AnApplicationGetsTheClientFromItsServices()
    {
        await DeployAsync("echo", SharedSilo.Sample("echo"));
        var services = new ServiceCollection();
        services.AddHeliosEdge(silo.Address);
        await using var provider = services.BuildServiceProvider();

        (await provider.GetRequiredService<IEdgeClient>().InvokeAsync("echo", null, Bytes)).ToArray().ShouldBe(Bytes);
        Should.Throw<ArgumentException>(() => new ServiceCollection().AddHeliosEdge(new Uri("ftp://x")));
    }

    private static byte[] Problem(int status, string code) => RawServer.Http(
        status, "application/problem+json", System.Text.Encoding.UTF8.GetBytes($$"""{"code":"{{code}}","status":{{status}},"detail":"No."}"""));

    private async Task DeployAsync(string name, string file, int? maxAttempts = null)
    {
        var module = await _client.UploadModuleAsync(await File.ReadAllBytesAsync(file));
        await _client.RegisterFunctionAsync(name, new FunctionRegistration { Module = module.Hash, MaxAttempts = maxAttempts });
    }
}
