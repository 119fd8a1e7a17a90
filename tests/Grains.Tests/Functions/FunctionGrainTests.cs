using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Modules;
using HeliosEdge.Grains.Abstractions.Regions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Tests.Functions;

public sealed class FunctionGrainTests
{
    [Fact]
    public async Task A_registered_function_answers_in_its_regions()
    {
        await using var deployment = await Deployment.StartAsync();
        var function = await deployment.RegisterAsync("echo", "echo");

        foreach (var region in new[] { "eu", "us" })
        {
            var result = await deployment.InvokeAsync("echo", [1, 2, 3], region);
            result.Fault.ShouldBeNull();
            result.Response.ToArray().ShouldBe([1, 2, 3]);
            result.Module.ShouldBe(function.Module);
        }
    }

    [Fact]
    public async Task Faults_are_results_with_code_limit_and_value()
    {
        await using var deployment = await Deployment.StartAsync();
        await deployment.RegisterAsync("crash", "crash");
        await deployment.RegisterAsync("small", "echo", limits: RequestedLimits.None.With("maxPayloadBytes", 2));

        var trap = (await deployment.InvokeAsync("crash", [])).Fault!;
        trap.Code.ShouldBe(ErrorCodes.Trap);
        trap.Backtrace.ShouldBe(["innermost", "middle", "outermost"]);
        var large = (await deployment.InvokeAsync("small", [1, 2, 3])).Fault!;
        (large.Code, large.Limit, large.Value).ShouldBe((ErrorCodes.PayloadTooLarge, 2, 3));
        (await deployment.InvokeAsync("nobody", [])).Fault!.Code.ShouldBe(ErrorCodes.FunctionNotFound);
    }

    [Fact]
    public async Task A_slow_call_does_not_hold_up_a_fast_one()
    {
        await using var deployment = await Deployment.StartAsync(new GuestThreadOptions { Threads = 2 });
        await deployment.RegisterAsync("burn", "burn", limits: RequestedLimits.None.With("timeoutMs", 60_000));

        // About a second against about ten milliseconds, of the same function.
        var slow = deployment.InvokeAsync("burn", [100]);
        var fast = await deployment.InvokeAsync("burn", [1]);

        fast.Fault.ShouldBeNull();
        slow.IsCompleted.ShouldBeFalse();
        (await slow).Fault.ShouldBeNull();
    }

    [Fact]
    public async Task More_calls_than_threads_and_queue_hold_are_refused_as_overload()
    {
        await using var deployment = await Deployment.StartAsync(new GuestThreadOptions { Threads = 1, MaxQueued = 1 });
        await deployment.RegisterAsync("spin", "spin", limits: RequestedLimits.None.With("timeoutMs", 500));

        var results = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => deployment.InvokeAsync("spin", [])));

        var codes = results.Select(result => result.Fault!.Code).ToLookup(code => code);
        codes[ErrorCodes.Timeout].Count().ShouldBeInRange(2, 3);
        codes[ErrorCodes.Overloaded].Count().ShouldBe(10 - codes[ErrorCodes.Timeout].Count());
    }

    [Fact]
    public async Task A_changed_registration_is_in_force_once_it_is_acknowledged()
    {
        await using var deployment = await Deployment.StartAsync();
        await deployment.RegisterAsync("f", "echo");
        (await deployment.InvokeAsync("f", [9])).Response.ToArray().ShouldBe([9]);

        await deployment.RegisterAsync("f", "counter", regions: ["eu"]);

        (await deployment.InvokeAsync("f", [9])).Response.ToArray().ShouldBe([1, 1]);
        (await deployment.InvokeAsync("f", [9], "us")).Fault!.Code.ShouldBe(ErrorCodes.FunctionNotFound);
        await deployment.Registrar.DeleteAsync("f");
        (await deployment.InvokeAsync("f", [9])).Fault!.Code.ShouldBe(ErrorCodes.FunctionNotFound);
    }

    [Fact]
    public async Task While_a_registration_changes_every_call_gets_one_version_or_the_other()
    {
        await using var deployment = await Deployment.StartAsync();
        await deployment.RegisterAsync("f", "echo");
        using var done = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var calls = 0;
            do
            {
                var result = await deployment.InvokeAsync("f", [7, 7, 7]);
                result.Fault.ShouldBeNull();
                Convert.ToHexString(result.Response.Span).ShouldBeOneOf("070707", "0101");
                calls++;
            }
            while (!done.IsCancellationRequested);

            return calls;
        })).ToArray();

        for (var i = 0; i < 20; i++)
        {
            await deployment.RegisterAsync("f", i % 2 == 0 ? "counter" : "echo");
        }

        await done.CancelAsync();
        (await Task.WhenAll(callers)).ShouldAllBe(calls => calls > 0);
    }

    [Fact]
    public async Task A_module_leaves_memory_when_nobody_uses_it_and_comes_back_when_called()
    {
        await using var deployment = await Deployment.StartAsync(idleAge: Deployment.ShortestIdleAge);
        await deployment.RegisterAsync("echo", "echo");
        await deployment.InvokeAsync("echo", [1]);

        await Eventually.HoldsAsync("the module to go", () => deployment.Cache.Count == 0);

        (await deployment.InvokeAsync("echo", [1])).Response.ToArray().ShouldBe([1]);
    }

    [Fact]
    public async Task A_stored_module_that_was_tampered_with_is_not_run()
    {
        await using var deployment = await Deployment.StartAsync(idleAge: Deployment.ShortestIdleAge);
        var function = await deployment.RegisterAsync("echo", "echo");
        await Eventually.HoldsAsync("the module to go", () => deployment.Cache.Count == 0);

        deployment.Modules.Stored[function.Module] = Deployment.Guest("counter");

        (await deployment.InvokeAsync("echo", [1])).Fault!.Code.ShouldBe(ErrorCodes.UntrustedModule);
    }

    [Fact]
    public async Task A_region_knows_its_functions_by_name()
    {
        await using var deployment = await Deployment.StartAsync();
        await deployment.RegisterAsync("zeta", "echo");
        await deployment.RegisterAsync("alpha", "echo", regions: ["us"]);

        var us = deployment.Grains.GetGrain<IRegionGrain>("us");
        (await us.ListFunctionsAsync(new FunctionQuery())).Functions.Select(function => function.Name).ShouldBe(["alpha", "zeta"]);
        (await us.DescribeAsync()).Functions.ShouldBe(2);
        (await deployment.Grains.GetGrain<IRegionGrain>("eu").DescribeAsync()).Functions.ShouldBe(1);
    }

    [Fact]
    public async Task A_module_nobody_stored_is_not_found()
    {
        await using var deployment = await Deployment.StartAsync();

        (await deployment.Grains.GetGrain<IModuleGrain>(new string('a', 64)).LoadAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task What_was_registered_before_is_there_after_loading()
    {
        await using var before = await Deployment.StartAsync();
        var function = await before.RegisterAsync("echo", "echo");

        await using var after = await Deployment.StartAsync();
        after.Modules.Stored[function.Module] = before.Modules.Stored[function.Module];
        await after.Functions.AppendAsync(function, kept: 2);
        await after.Registrar.LoadAsync();

        (await after.InvokeAsync("echo", [5])).Response.ToArray().ShouldBe([5]);
    }

    [Theory]
    [InlineData("fuel", 1_000, ErrorCodes.FuelExhausted)]
    [InlineData("stackKiB", 64, ErrorCodes.Trap)]
    public async Task Fuel_and_stack_are_those_of_the_registration(string limit, long value, string code)
    {
        await using var deployment = await Deployment.StartAsync();
        await deployment.RegisterAsync("bounded", limit == "fuel" ? "burn" : "recurse", limits: RequestedLimits.None.With(limit, value));
        await deployment.RegisterAsync("echo", "echo", limits: RequestedLimits.None.With("fuel", 1_000_000));

        var result = await deployment.InvokeAsync("bounded", []);

        result.Fault.ShouldNotBeNull().Code.ShouldBe(code);
        (await deployment.InvokeAsync("echo", [1, 2, 3])).Response.ToArray().ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task A_caller_with_less_patience_than_the_limit_gets_its_answer_in_time()
    {
        await using var deployment = await Deployment.StartAsync();
        await deployment.RegisterAsync("spin", "spin", limits: RequestedLimits.None.With("timeoutMs", 60_000));
        await deployment.RegisterAsync("echo", "echo");

        var fault = (await deployment.InvokeAsync("spin", [], patienceMs: 300)).Fault.ShouldNotBeNull();

        (fault.Code, fault.Limit <= 300).ShouldBe((ErrorCodes.Timeout, true));
        (await deployment.InvokeAsync("echo", [7], patienceMs: 100_000)).Response.ToArray().ShouldBe([7]);
    }

    [Fact]
    public async Task A_call_that_is_taken_back_ends_whether_it_runs_or_waits()
    {
        await using var deployment = await Deployment.StartAsync();
        await deployment.RegisterAsync("spin", "spin", limits: RequestedLimits.None.With("timeoutMs", 60_000).With("maxInstances", 1));
        using var cancellation = new CancellationTokenSource();

        var running = deployment.InvokeAsync("spin", [], cancellation: cancellation.Token);
        await Eventually.HoldsAsync("the first call to run", () => deployment.Threads.Busy == 1);
        var waiting = deployment.InvokeAsync("spin", [], cancellation: cancellation.Token);
        await cancellation.CancelAsync();

        (await running.WaitAsync(TimeSpan.FromSeconds(30))).Fault.ShouldNotBeNull().Code.ShouldBe(ErrorCodes.Cancelled);
        (await waiting.WaitAsync(TimeSpan.FromSeconds(30))).Fault.ShouldNotBeNull().Code.ShouldBe(ErrorCodes.Cancelled);
        await deployment.RegisterAsync("spin", "echo");
        (await deployment.InvokeAsync("spin", [4])).Response.ToArray().ShouldBe([4]);
    }
}
