using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Tests.Functions;

public sealed class InstanceGateTests
{
    [Fact]
    public void Those_that_wait_start_in_order_one_for_each_that_leaves()
    {
        var gate = new InstanceGate();
        var started = new List<int>();
        for (var i = 0; i < 10; i++)
        {
            gate.TryEnter(new Call(i, started), 3).ShouldBeTrue();
        }

        started.ShouldBe([0, 1, 2]);
        for (var i = 3; i < 10; i++)
        {
            gate.Leave();
            started.ShouldBe(Enumerable.Range(0, i + 1));
        }
    }

    [Fact]
    public void Only_so_many_wait_and_there_is_room_again_once_one_has_left()
    {
        var gate = new InstanceGate();
        var started = new List<int>();
        for (var i = 0; i < 2 + InstanceGate.MaxWaiting; i++)
        {
            gate.TryEnter(new Call(i, started), 2).ShouldBeTrue();
        }

        gate.TryEnter(new Call(-1, started), 2).ShouldBeFalse();
        gate.Leave();
        gate.TryEnter(new Call(-2, started), 2).ShouldBeTrue();
        gate.TryEnter(new Call(-3, started), 2).ShouldBeFalse();

        started.ShouldBe([0, 1, 2]);
    }

    [Fact]
    public void A_call_that_can_not_start_takes_no_room_and_keeps_nobody_waiting()
    {
        var gate = new InstanceGate();
        var started = new List<int>();
        gate.TryEnter(new Call(0, started), 1);
        for (var i = 1; i <= 5; i++)
        {
            gate.TryEnter(new Call(i, started) { CanStart = i is 3 or 5 }, 1);
        }

        gate.Leave();
        started.ShouldBe([0, 3]);
        gate.Leave();
        started.ShouldBe([0, 3, 5]);
        gate.Leave();
        gate.TryEnter(new Call(6, started), 1);
        started.ShouldBe([0, 3, 5, 6]);
    }

    [Fact]
    public void A_changed_number_holds_for_those_that_wait()
    {
        var gate = new InstanceGate();
        var started = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            gate.TryEnter(new Call(i, started), 1);
        }

        gate.TryEnter(new Call(5, started), 3);
        started.ShouldBe([0, 1, 2]);

        gate.TryEnter(new Call(6, started), 1);
        gate.Leave();
        gate.Leave();
        started.ShouldBe([0, 1, 2]);
        gate.Leave();
        started.ShouldBe([0, 1, 2, 3]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Never_more_than_the_number_are_in_and_none_is_lost(int most)
    {
        var gate = new InstanceGate();
        var live = 0;
        var highest = 0;
        var calls = Enumerable.Range(0, 400).Select(i => new PooledCall(gate, i % 7 != 0, Enter, () => Interlocked.Decrement(ref live))).ToArray();

        await Task.WhenAll(calls.Chunk(100).Select(chunk => Task.Run(() =>
        {
            foreach (var call in chunk)
            {
                gate.TryEnter(call, most).ShouldBeTrue();
            }
        })));
        var ran = await Task.WhenAll(calls.Select(call => call.Ended)).WaitAsync(TimeSpan.FromSeconds(60));

        ran.Count(run => run).ShouldBe(calls.Count(call => call.CanStart));
        highest.ShouldBeInRange(1, most);
        live.ShouldBe(0);

        void Enter()
        {
            var now = Interlocked.Increment(ref live);
            int seen;
            while (now > (seen = Volatile.Read(ref highest)) && Interlocked.CompareExchange(ref highest, now, seen) != seen)
            {
            }
        }
    }

    [Fact]
    public async Task Overload_is_a_result_with_limit_and_value()
    {
        await using var deployment = await Deployment.StartAsync();
        var function = await deployment.RegisterAsync("echo", "echo", limits: RequestedLimits.None.With("maxInstances", 2));
        using var threads = new GuestThreads(new GuestThreadOptions { Threads = 1 });
        var gate = new InstanceGate();
        var invoker = new FunctionInvoker(function, "eu", deployment.ModuleRegistry, new SandboxPolicy(), new EngineSet(new ManagedEngine()), gate, maxInstances: 2, new GuestMemory(GuestMemory.DefaultMaxBytes), threads, new HostServiceSet(), []);
        for (var i = 0; i < 2 + InstanceGate.MaxWaiting; i++)
        {
            gate.TryEnter(new Call(i, []), 2);
        }

        var fault = (await invoker.InvokeAsync(new FunctionCall { Payload = new byte[] { 1 } }, stream: null, within: null, CancellationToken.None)).Fault.ShouldNotBeNull();

        (fault.Code, fault.Limit, fault.Value).ShouldBe((ErrorCodes.Overloaded, 2, 1_003));
        fault.Message.ShouldContain("maxInstances");
    }

    [Fact]
    public async Task A_registration_that_changes_while_calls_wait_loses_none()
    {
        await using var deployment = await Deployment.StartAsync();
        await deployment.RegisterAsync("burn", "burn", limits: RequestedLimits.None.With("maxInstances", 1).With("timeoutMs", 60_000));
        var before = Enumerable.Range(0, 10).Select(_ => deployment.InvokeAsync("burn", [2])).ToArray();

        await deployment.RegisterAsync("burn", "echo", limits: RequestedLimits.None.With("maxInstances", 1));
        var after = Enumerable.Range(0, 10).Select(_ => deployment.InvokeAsync("burn", [2])).ToArray();

        foreach (var result in await Task.WhenAll(before))
        {
            result.Fault.ShouldBeNull();
            result.Response.Length.ShouldBe(0);
        }

        foreach (var result in await Task.WhenAll(after))
        {
            result.Fault.ShouldBeNull();
            result.Response.ToArray().ShouldBe([2]);
        }
    }

    private sealed class Call(int number, List<int> started) : IGatedCall
    {
        public bool CanStart { get; init; } = true;

        public bool TryStart()
        {
            if (CanStart)
            {
                started.Add(number);
            }

            return CanStart;
        }
    }

    private sealed class PooledCall(InstanceGate gate, bool canStart, Action enter, Action leave) : IGatedCall
    {
        private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool CanStart => canStart;

        /// <summary>Whether it ran, once that is known.</summary>
        public Task<bool> Ended => _ended.Task;

        public bool TryStart()
        {
            if (!canStart)
            {
                _ended.SetResult(false);
                return false;
            }

            ThreadPool.QueueUserWorkItem(_ =>
            {
                enter();
                Thread.SpinWait(200);
                leave();
                gate.Leave();
                _ended.SetResult(true);
            });
            return true;
        }
    }
}
