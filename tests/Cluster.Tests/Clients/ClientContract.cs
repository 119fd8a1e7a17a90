using System.Security.Cryptography;
using HeliosEdge.Client;

namespace HeliosEdge.Cluster.Tests.Clients;

/// <summary>What <see cref="IEdgeClient"/> promises, whatever the transport.</summary>
[Trait("Category", "Process")]
public abstract class ClientContract : IAsyncLifetime
{
    private static readonly byte[] Bytes = [0xFF, 0, 1];

    private IEdgeClient _client = null!;

    public async Task InitializeAsync()
    {
        if (PostgresServer.WhySkipped is null)
        {
            _client = await ConnectAsync();
        }
    }

    public async Task DisposeAsync()
    {
        (_client as IDisposable)?.Dispose();
        if (_client is IAsyncDisposable client)
        {
            await client.DisposeAsync();
        }
    }

    protected abstract Task<IEdgeClient> ConnectAsync();

    [PostgresTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_537)]
    [InlineData(1 << 20)]
    public async Task A_payload_comes_back_byte_for_byte(int size)
    {
        var payload = RandomNumberGenerator.GetBytes(size);

        (await _client.InvokeAsync("echo", null, payload)).ToArray().ShouldBe(payload);
        (await _client.InvokeAsync("echo", "us", payload)).ToArray().ShouldBe(payload);
    }

    [PostgresFact]
    public async Task An_answer_says_what_ran()
    {
        var function = (await ListAsync(null)).Single(listed => listed.Name == "echo");

        var answer = await _client.InvokeAsync("echo", "us", Bytes);

        (answer.Region, answer.Version, answer.ModuleHash).ShouldBe(("us", function.Version, function.Module));
        (answer.Engine, answer.Engine is null).ShouldBe((function.Engine, false));
        answer.Duration.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [PostgresFact]
    public async Task Calls_at_the_same_time_get_their_own_answers()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => _client.InvokeAsync("echo", null, BitConverter.GetBytes(i))));

        answers.Select(answer => BitConverter.ToInt32(answer.Payload.Span)).ShouldBe(Enumerable.Range(0, 100));
    }

    [PostgresFact]
    public async Task Refusals_are_exceptions_of_their_own()
    {
        await Should.ThrowAsync<EdgeFunctionNotFoundException>(() => _client.InvokeAsync("nobody", null, Bytes));
        await Should.ThrowAsync<EdgeFunctionNotFoundException>(() => _client.InvokeAsync("regional", "eu", Bytes));
        await Should.ThrowAsync<EdgeRegionNotFoundException>(() => _client.InvokeAsync("echo", "mars", Bytes));
        await Should.ThrowAsync<EdgePayloadTooLargeException>(() => _client.InvokeAsync("small", null, new byte[17]));
        await Should.ThrowAsync<EdgeFunctionNotFoundException>(() => _client.EnqueueAsync("nobody", null, Bytes));
        await Should.ThrowAsync<EdgeRegionNotFoundException>(() => _client.EnqueueAsync("echo", "mars", Bytes));
        await Should.ThrowAsync<EdgePayloadTooLargeException>(() => _client.EnqueueAsync("small", null, new byte[17]));
        await Should.ThrowAsync<ArgumentException>(() => _client.InvokeAsync("", null, Bytes));
    }

    [PostgresFact]
    public async Task What_goes_wrong_in_a_guest_is_an_exception_of_its_own()
    {
        (await Should.ThrowAsync<EdgeTrapException>(() => _client.InvokeAsync("crash", null, Bytes))).Backtrace.ShouldNotBeEmpty();
        await Should.ThrowAsync<EdgeResponseTooLargeException>(() => _client.InvokeAsync("short", null, new byte[17]));
        var late = await Should.ThrowAsync<EdgeTimeoutException>(() => _client.InvokeAsync("brief", null, Bytes));
        late.Detail.ShouldContain("100");
    }

    [PostgresFact]
    public async Task A_deadline_ends_the_guest() =>
        await Should.ThrowAsync<EdgeTimeoutException>(
            () => _client.InvokeAsync("spin", null, Bytes, new CallOptions { Deadline = TimeSpan.FromMilliseconds(100) }));

    [PostgresFact]
    public async Task A_call_that_is_cancelled_ends()
    {
        using var cancellation = new CancellationTokenSource();
        var call = _client.InvokeAsync("spin", null, Bytes, cancellationToken: cancellation.Token);

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call);
    }

    [PostgresFact]
    public async Task A_key_is_one_call_in_whatever_way_it_is_made()
    {
        var options = new CallOptions { IdempotencyKey = Guid.NewGuid().ToString() };

        var direct = await _client.InvokeAsync("echo", "us", Bytes, options);
        var repeat = await _client.InvokeAsync("echo", "us", Bytes, options);
        var queued = await _client.EnqueueAsync("echo", "us", Bytes, options);
        var reused = await Should.ThrowAsync<EdgeException>(() => _client.InvokeAsync("echo", null, new byte[] { 1 }, options));
        var moved = await Should.ThrowAsync<EdgeException>(() => _client.EnqueueAsync("echo", "eu", Bytes, options));
        var spread = await Should.ThrowAsync<EdgeException>(() => _client.EnqueueFanOutAsync("echo", new FanOutRequest { Payload = Bytes }, options));

        repeat.ToArray().ShouldBe(direct.ToArray());
        (repeat.Region, repeat.Version, repeat.Duration).ShouldBe((direct.Region, direct.Version, direct.Duration));
        (await queued.StatusAsync()).State.ShouldBe(InvocationState.Succeeded);
        (await _client.EnqueueAsync("echo", "us", Bytes, options)).Id.ShouldBe(queued.Id);
        new[] { reused.Code, moved.Code, spread.Code }.ShouldAllBe(code => code == "idempotency_key_reused");
    }

    [PostgresTheory]
    [InlineData("")]
    [InlineData("ü")]
    [InlineData("a\nb")]
    public async Task A_key_that_can_be_none_is_refused(string key)
    {
        var options = new CallOptions { IdempotencyKey = key };

        (await Should.ThrowAsync<EdgeException>(() => _client.InvokeAsync("echo", null, Bytes, options))).Code.ShouldBe("invalid_parameter");
        (await Should.ThrowAsync<EdgeException>(() => _client.EnqueueAsync("echo", null, Bytes, options))).Code.ShouldBe("invalid_parameter");
    }

    [PostgresFact]
    public async Task A_queued_call_gives_its_result()
    {
        var handle = await _client.EnqueueAsync("echo", "us", Bytes);
        var result = await handle.GetResultAsync();
        var again = await new InvocationHandle(_client, handle.Id).StatusAsync();

        result.ShouldBe(Bytes);
        (again.Id, again.Function, again.State, again.Region, again.Attempt).ShouldBe((handle.Id, "echo", InvocationState.Succeeded, "us", 1));
        (again.Fault, again.NextAttemptAt).ShouldBe((null, null));
        again.EndedAt.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(again.StartedAt!.Value);
        again.ExpiresAt.ShouldNotBeNull().ShouldBeGreaterThan(again.EndedAt.Value);
        (await handle.CancelAsync()).State.ShouldBe(InvocationState.Succeeded);
    }

    [PostgresFact]
    public async Task A_text_is_told_as_one()
    {
        var handle = await _client.EnqueueAsync("echo", null, "grüße"u8.ToArray());

        var ended = await handle.WaitAsync();

        (ended.Result, ended.ResultBase64).ShouldBe(("grüße", null));
    }

    [PostgresFact]
    public async Task A_queued_call_that_fails_for_good_throws_as_it_would_have_at_once()
    {
        var handle = await _client.EnqueueAsync("crash", null, Bytes);

        var trap = await Should.ThrowAsync<EdgeTrapException>(() => handle.GetResultAsync());
        var status = await handle.StatusAsync();

        trap.Backtrace.ShouldNotBeEmpty();
        (status.State, status.Fault!.Code, status.MaxAttempts).ShouldBe((InvocationState.Dead, "trap", 1));
    }

    [PostgresFact]
    public async Task A_queued_call_is_taken_back()
    {
        var handle = await _client.EnqueueAsync("spin", null, Bytes);

        (await handle.CancelAsync()).State.ShouldBe(InvocationState.Cancelled);

        (await Should.ThrowAsync<EdgeException>(() => handle.GetResultAsync())).Code.ShouldBe("cancelled");
    }

    [PostgresFact]
    public async Task A_wait_is_over_when_its_time_is()
    {
        var handle = await _client.EnqueueAsync("spin", null, Bytes);

        (await _client.GetInvocationAsync(handle.Id, TimeSpan.FromMilliseconds(20))).HasEnded.ShouldBeFalse();

        await handle.CancelAsync();
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => _client.GetInvocationAsync(handle.Id, TimeSpan.FromSeconds(-1)));
    }

    [PostgresFact]
    public async Task What_is_not_there_is_said_to_be_not_there()
    {
        var id = Guid.NewGuid();

        (await Should.ThrowAsync<EdgeException>(() => _client.GetInvocationAsync(id))).Code.ShouldBe("invocation_not_found");
        (await Should.ThrowAsync<EdgeException>(() => _client.CancelInvocationAsync(id))).Code.ShouldBe("invocation_not_found");
        (await Should.ThrowAsync<EdgeException>(() => _client.GetFanOutAsync(id))).Code.ShouldBe("fanout_not_found");
    }

    [PostgresFact]
    public async Task A_fan_out_gives_each_regions_answer()
    {
        var all = await _client.FanOutAsync("echo", new FanOutRequest { Payload = Bytes }).ToListAsync();
        var first = await _client.FanOutAsync("echo", new FanOutRequest { Mode = FanOutMode.First, Payload = Bytes }).ToListAsync();
        var some = await _client.FanOutAsync("echo", new FanOutRequest { Mode = FanOutMode.Quorum, Quorum = 2, Payload = Bytes }).ToListAsync();

        all.Select(answer => answer.Region).ShouldBe(["eu", "us", "ap"], ignoreOrder: true);
        all.ShouldAllBe(answer => answer.ResponseBytes().SequenceEqual(Bytes) && answer.DurationUs > 0);
        (first.Count, some.Count).ShouldBe((1, 2));
    }

    [PostgresFact]
    public async Task A_region_that_fails_is_a_result_of_the_fan_out()
    {
        var answers = await _client.FanOutAsync("spin", new FanOutRequest { Regions = ["eu"] }, TimeSpan.FromMilliseconds(50)).ToListAsync();

        Should.Throw<EdgeTimeoutException>(() => answers.ShouldHaveSingleItem().ResponseBytes());
    }

    [PostgresFact]
    public async Task A_fan_out_that_is_refused_asks_no_region()
    {
        await Should.ThrowAsync<EdgeFunctionNotFoundException>(async () => await _client.FanOutAsync("nobody", new FanOutRequest()).ToListAsync());
        await Should.ThrowAsync<EdgeRegionNotFoundException>(async () => await _client.FanOutAsync("echo", new FanOutRequest { Regions = ["mars"] }).ToListAsync());
        await Should.ThrowAsync<EdgePayloadTooLargeException>(async () => await _client.FanOutAsync("small", new FanOutRequest { Payload = new byte[17] }).ToListAsync());
        await Should.ThrowAsync<EdgePayloadTooLargeException>(() => _client.EnqueueFanOutAsync("small", new FanOutRequest { Payload = new byte[17] }));
        (await Should.ThrowAsync<EdgeException>(async () => await _client.FanOutAsync("echo", new FanOutRequest { Quorum = 1 }).ToListAsync())).Code.ShouldBe("invalid_parameter");
    }

    [PostgresFact]
    public async Task A_fan_out_that_nobody_listens_to_any_more_ends()
    {
        using var cancellation = new CancellationTokenSource();
        await foreach (var answer in _client.FanOutAsync("echo", new FanOutRequest { Payload = Bytes }, cancellationToken: cancellation.Token))
        {
            answer.ResponseBytes().ShouldBe(Bytes);
            break;
        }

        var slow = _client.FanOutAsync("spin", new FanOutRequest(), cancellationToken: cancellation.Token).ToListAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => slow);
    }

    [PostgresFact]
    public async Task A_durable_fan_out_has_the_invocations_of_its_regions()
    {
        var handle = await _client.EnqueueFanOutAsync("echo", new FanOutRequest { Regions = ["eu", "ap"], Payload = Bytes });
        var done = await handle.WaitAsync();

        (done.Id, done.Function, done.Mode, done.State, done.Needed).ShouldBe((handle.Id, "echo", FanOutMode.All, "succeeded", 2));
        done.Regions.Select(region => region.Region).ShouldBe(["eu", "ap"]);
        done.Regions.ShouldAllBe(region => region.ResponseBytes()!.SequenceEqual(Bytes));
    }

    [PostgresFact]
    public async Task Functions_are_listed_by_region()
    {
        (await ListAsync(null)).Select(function => function.Name).ShouldBe(["brief", "crash", "echo", "regional", "short", "small", "spin"]);
        (await ListAsync("us")).ShouldContain(function => function.Name == "regional");
        (await ListAsync("eu")).ShouldNotContain(function => function.Name == "regional");
        var small = (await ListAsync("us")).Single(function => function.Name == "small");
        (small.Limits.MaxPayloadBytes, small.Limits.MemoryMiB > 0, small.Abi, small.Entry, small.MaxAttempts).ShouldBe((16, true, "helios-1", "handle", 5));
        small.Regions.ShouldBe(["ap", "eu", "us"], ignoreOrder: true);
        small.Traffic.ShouldNotBeNull()[small.Version].ShouldBe(100);
        await Should.ThrowAsync<EdgeRegionNotFoundException>(() => ListAsync("mars"));
    }

    private async Task<List<FunctionInfo>> ListAsync(string? region) => await _client.ListFunctionsAsync(region).ToListAsync();
}
