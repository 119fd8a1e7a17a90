using System.Collections.Concurrent;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Tests.Functions;

public sealed class BriefCallTests
{
    // Where a machine is so busy that calls look long, the proof takes as many tries as it takes.
    private const int MaxCalls = 100_000;

    [Fact]
    public void What_was_brief_often_enough_in_a_row_is_known_to_be_brief_until_it_was_not()
    {
        var record = new BriefRecord();
        for (var i = 0; i < BriefRecord.Proof; i++)
        {
            record.IsBrief.ShouldBeFalse();
            record.Add(BriefRecord.Brief / 2);
        }

        record.IsBrief.ShouldBeTrue();
        record.Add(BriefRecord.Brief);
        record.IsBrief.ShouldBeFalse();
    }

    [Fact]
    public async Task A_function_that_is_known_to_be_brief_runs_on_the_thread_of_its_caller_and_a_new_one_does_not()
    {
        var log = new Places();
        await using var deployment = await Deployment.StartAsync(log: log);
        await deployment.RegisterAsync("brief", "tells_where", profile: "compute");

        (await deployment.InvokeAsync("brief", [0])).Fault.ShouldBeNull();
        log.Last.ShouldStartWith("guest ");

        await CallUntilAsync(deployment, log, "brief", [0], place => !place.StartsWith("guest ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_function_that_was_brief_and_is_not_any_more_runs_on_guest_threads_again()
    {
        var log = new Places();
        await using var deployment = await Deployment.StartAsync(log: log);
        await deployment.RegisterAsync("turncoat", "tells_where", profile: "compute", limits: RequestedLimits.None.With("timeoutMs", 60_000));
        await CallUntilAsync(deployment, log, "turncoat", [0], place => !place.StartsWith("guest ", StringComparison.Ordinal));

        (await deployment.InvokeAsync("turncoat", [1])).Fault.ShouldBeNull();
        (await deployment.InvokeAsync("turncoat", [0])).Fault.ShouldBeNull();

        log.Last.ShouldStartWith("guest ");
    }

    [Fact]
    public async Task A_function_that_may_wait_for_others_never_runs_on_the_thread_of_its_caller()
    {
        var log = new Places();
        await using var deployment = await Deployment.StartAsync(log: log);
        await deployment.RegisterAsync("waits", "tells_where", profile: "edge");

        for (var i = 0; i < 10 * BriefRecord.Proof; i++)
        {
            (await deployment.InvokeAsync("waits", [0])).Fault.ShouldBeNull();
            log.Last.ShouldStartWith("guest ");
        }
    }

    private static async Task CallUntilAsync(Deployment deployment, Places log, string name, byte[] payload, Predicate<string> isIt)
    {
        for (var i = 0; i < MaxCalls; i++)
        {
            (await deployment.InvokeAsync(name, payload)).Fault.ShouldBeNull();
            if (isIt(log.Last))
            {
                return;
            }
        }

        Assert.Fail($"After {MaxCalls} calls it still ran on {log.Last}.");
    }

    /// <summary>Takes down on which thread a guest logged last.</summary>
    private sealed class Places : IGuestLog
    {
        private readonly ConcurrentStack<string> _names = new();

        public string Last => _names.TryPeek(out var name) ? name : string.Empty;

        public void Write(string function, string region, GuestLogLevel level, string text) => _names.Push(Thread.CurrentThread.Name ?? string.Empty);
    }
}
