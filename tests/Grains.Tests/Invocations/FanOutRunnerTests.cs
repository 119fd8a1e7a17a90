using System.Collections.Concurrent;
using System.Diagnostics;
using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.FanOuts;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeliosEdge.Grains.Tests.Invocations;

public sealed class FanOutRunnerTests
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(60);

    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static readonly InvocationResult Success = new() { Response = new byte[] { 1 } };

    [Fact]
    public async Task A_region_that_never_answers_holds_nobody_back_and_is_given_up_on_at_its_deadline()
    {
        var answers = await RunAsync(
            new FanOutPlan("f", ["dead", "a", "b"], FanOutMode.All, 3, 0),
            (order, _) => order.Region == "dead" ? new TaskCompletionSource<InvocationResult>().Task : Task.FromResult(Success),
            patienceMs: 50);

        answers[..2].Select(answer => answer.Region).ShouldBe(["a", "b"], ignoreOrder: true);
        (answers[2].Region, answers[2].Result.Fault!.Code).ShouldBe(("dead", ErrorCodes.Timeout));
    }

    [Fact]
    public async Task Time_that_an_order_has_spent_before_is_of_the_time_that_its_regions_have()
    {
        var orders = new ConcurrentQueue<InvocationOrder>();
        var hour = (int)TimeSpan.FromHours(1).TotalMilliseconds;
        var runner = Runner((order, _) =>
        {
            orders.Enqueue(order);
            return new TaskCompletionSource<InvocationResult>().Task;
        });
        var since = Stopwatch.GetTimestamp() - (3600 * Stopwatch.Frequency);
        using var watchdog = new CancellationTokenSource(Watchdog);

        foreach (var patience in new int?[] { hour, null })
        {
            var late = new InvocationOrder { Function = "", PatienceMs = patience, Since = since };
            var answers = await runner.RunAsync(new FanOutPlan("f", ["a", "b"], FanOutMode.All, 2, 0), late, watchdog.Token).ToListAsync(watchdog.Token);

            answers.Select(answer => answer.Result.Fault!.Code).ShouldBe([ErrorCodes.Timeout, ErrorCodes.Timeout]);
            answers[0].Result.Fault!.Limit.ShouldBe(patience ?? (long)FanOutRunner.DefaultPatience.TotalMilliseconds);
        }

        orders.Count.ShouldBe(4);
        orders.ShouldAllBe(order => order.Since == since);
    }

    [Fact]
    public async Task Each_region_is_asked_for_the_function_within_the_trace_and_after_the_silos_passed_so_far()
    {
        var orders = new ConcurrentQueue<InvocationOrder>();
        await RunAsync(new FanOutPlan("f", ["a", "b"], FanOutMode.All, 2, 0), (order, _) =>
        {
            orders.Enqueue(order);
            return Task.FromResult(Success);
        });

        orders.Select(order => order.Region).ShouldBe(["a", "b"], ignoreOrder: true);
        orders.ShouldAllBe(order => order.Function == "f" && order.TraceParent == Trace && order.Hops == 2);
    }

    [Fact]
    public async Task The_first_success_cancels_the_rest()
    {
        using var slow = new CountdownEvent(2);
        using var cancelled = new CountdownEvent(2);
        var shown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answers = await RunAsync(
            new FanOutPlan("f", ["failing", "fast", "slow", "slower"], FanOutMode.First, 1, 0),
            async (order, cancel) =>
            {
                switch (order.Region)
                {
                    case "failing":
                        return new InvocationResult { Fault = new InvocationFault { Code = ErrorCodes.Trap, Message = "No." } };
                    case "fast":
                        await Task.Run(() => slow.Wait(Watchdog).ShouldBeTrue(), CancellationToken.None);
                        await shown.Task.WaitAsync(Watchdog, CancellationToken.None);
                        return Success;
                    default:
                        slow.Signal();
                        await Task.Delay(Timeout.Infinite, cancel).ContinueWith(_ => cancelled.Signal(), TaskScheduler.Default);
                        return Success;
                }
            },
            shown: _ => shown.TrySetResult());

        answers.Select(answer => answer.Region).ShouldBe(["failing", "fast"]);
        cancelled.Wait(Watchdog).ShouldBeTrue();
    }

    [Fact]
    public async Task A_quorum_that_can_not_be_reached_shows_every_region()
    {
        var answers = await RunAsync(
            new FanOutPlan("f", ["a", "b", "c"], FanOutMode.Quorum, 2, 0),
            (order, _) => order.Region == "a" ? Task.FromResult(Success) : throw new SandboxException(ErrorCodes.RegionUnavailable, "It is away."));

        answers.Count.ShouldBe(3);
        answers.Count(answer => answer.Result.Fault?.Code == ErrorCodes.RegionUnavailable).ShouldBe(2);
    }

    [Fact]
    public async Task A_peer_that_was_only_asked_in_case_is_left_out_if_it_does_not_have_the_function()
    {
        var answers = await RunAsync(
            new FanOutPlan("f", ["here", "peer"], FanOutMode.All, 2, 0) { Unsure = ["peer"] },
            (order, _) => Task.FromResult(order.Region == "here"
                ? Success
                : new InvocationResult { Fault = new InvocationFault { Code = ErrorCodes.FunctionNotFound, Message = "Not here." } }));

        answers.ShouldHaveSingleItem().Region.ShouldBe("here");
    }

    private static async Task<List<RegionAnswer>> RunAsync(
        FanOutPlan plan, Func<InvocationOrder, CancellationToken, Task<InvocationResult>> region, int? patienceMs = null, Action<RegionAnswer>? shown = null)
    {
        var runner = Runner(region);
        var answers = new List<RegionAnswer>();
        await foreach (var answer in runner.RunAsync(plan, new InvocationOrder { Function = "", PatienceMs = patienceMs, Hops = 2, TraceParent = Trace }, default))
        {
            answers.Add(answer);
            shown?.Invoke(answer);
        }

        return answers;
    }

    private static FanOutRunner Runner(Func<InvocationOrder, CancellationToken, Task<InvocationResult>> region) =>
        new(new Placement(region), TimeProvider.System, NullLogger<FanOutRunner>.Instance);

    private sealed class Placement(Func<InvocationOrder, CancellationToken, Task<InvocationResult>> region) : IInvocationPlacement
    {
        public async Task<PlacedInvocation> InvokeAsync(InvocationOrder order, CancellationToken cancellationToken) =>
            new(order.Region!, await region(order, cancellationToken));
    }
}
