using System.Collections.Immutable;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.ContractTests;

[Trait("Category", "Slow")]
public sealed class CallTests
{
    [Fact]
    public async Task Arguments_and_results_arrive()
    {
        await using var host = await TestHost.StartAsync();
        var guid = Guid.NewGuid();

        foreach (var key in Enumerable.Range(0, 8))
        {
            var result = await host.Plain($"{key}").ManyAsync(-1, long.MaxValue, null, true, 0.5, new byte[] { 1, 255 }, guid, DayOfWeek.Friday);

            result.ShouldBe([$"-1 9223372036854775807  True 0.5 01FF {guid} Friday"]);
        }
    }

    [Fact]
    public async Task Messages_arrive_with_all_of_their_members()
    {
        await using var host = await TestHost.StartAsync();
        var parcel = new Parcel
        {
            Bytes = new byte[] { 0, 1, 254, 255 }.AsMemory(1),
            Names = ["b", "a"],
            Map = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("b", "2").Add("B", "3").Add("a", "1"),
            Number = 7,
            Text = "é",
        };

        foreach (var key in Enumerable.Range(0, 8))
        {
            var outer = await host.Plain($"{key}").WrapAsync(parcel);

            foreach (var arrived in new[] { outer, outer.Inner! })
            {
                arrived.Bytes.ToArray().ShouldBe([1, 254, 255]);
                arrived.Names.ShouldBe(["b", "a"]);
                arrived.Map.Select(entry => entry.Key + entry.Value).ShouldBe(["B3", "a1", "b2"]);
                arrived.Number.ShouldBe(7);
                arrived.Text.ShouldBe("é");
            }

            outer.Inner!.Inner.ShouldBeNull();
        }
    }

    [Fact]
    public async Task Exceptions_arrive_as_they_were_thrown()
    {
        await using var host = await TestHost.StartAsync();

        foreach (var key in Enumerable.Range(0, 8).Select(key => $"{key}"))
        {
            (await Should.ThrowAsync<FormatException>(host.Plain(key).FailAsync("now"))).Message.ShouldBe("now");
            (await Should.ThrowAsync<FormatException>(host.Plain(key).FailLaterAsync("later"))).Message.ShouldBe("later");
            (await host.Plain(key).AddCarefullyAsync(1)).ShouldBe(1);
        }
    }

    [Fact]
    public async Task Refusals_arrive_with_all_that_they_say()
    {
        await using var host = await TestHost.StartAsync();

        foreach (var key in Enumerable.Range(0, 8))
        {
            var refused = await Should.ThrowAsync<SandboxException>(
                host.Plain($"{key}").RefuseAsync(ErrorCodes.ModuleTooLarge, "too large", 10, 11, 12, ["inner", "outer"]));

            refused.Code.ShouldBe(ErrorCodes.ModuleTooLarge);
            refused.Message.ShouldBe("too large");
            (refused.Limit, refused.Value, refused.Offset).ShouldBe((10, 11, 12));
            refused.Backtrace.ShouldBe(["inner", "outer"]);
        }
    }

    [Fact]
    public async Task A_call_that_takes_too_long_times_out_and_one_that_waited_too_long_never_begins()
    {
        await using var host = await TestHost.StartAsync(HostTimes.Impatient);
        var running = host.Plain("slow").WaitForGateAsync("gate");
        await Eventually.HoldsAsync("the first request", () => host.Log.Inside("gate") == 1);
        var queued = host.Plain("slow").WaitForGateAsync("never entered");

        await Should.ThrowAsync<TimeoutException>(running);
        await Should.ThrowAsync<TimeoutException>(queued);

        host.Log.Open("gate");
        (await host.Plain("slow").AddCarefullyAsync(1)).ShouldBe(1);
        host.Log.Inside("never entered").ShouldBe(0);
    }

    [Fact]
    public async Task A_method_may_state_its_own_time()
    {
        await using var host = await TestHost.StartAsync(HostTimes.Impatient);

        var patient = host.Reentrant().WaitPatientlyAsync("patient");
        await Should.ThrowAsync<TimeoutException>(host.Reentrant().WaitForGateAsync("impatient"));
        patient.IsCompleted.ShouldBeFalse();
        host.Log.Open("patient");
        host.Log.Open("impatient");

        await patient;
    }

    [Fact]
    public async Task Calls_that_wait_for_each_other_in_a_circle_time_out_and_the_grains_go_on()
    {
        await using var host = await TestHost.StartAsync(HostTimes.Impatient);

        await Should.ThrowAsync<TimeoutException>(host.Plain("a").CallRoundAsync("b"));
        await Should.ThrowAsync<TimeoutException>(host.Plain("c").CallRoundAsync("c"));

        foreach (var key in new[] { "a", "b", "c" })
        {
            await Eventually.HoldsAsync($"{key} to answer again", () => Answers(host.Plain(key)));
        }
    }

    [Fact]
    public async Task A_reentrant_grain_may_be_called_back()
    {
        await using var host = await TestHost.StartAsync(HostTimes.Impatient);

        await host.Plain("p").CallOnAsync("q");
        await host.Reentrant("a").CallRoundAsync("b");
    }

    [Fact]
    public async Task A_caller_can_take_its_call_back()
    {
        await using var host = await TestHost.StartAsync();

        foreach (var key in Enumerable.Range(0, 8).Select(key => $"{key}"))
        {
            using var source = new CancellationTokenSource();
            var call = host.Plain(key).WaitForCancellationAsync(key, source.Token);
            await Eventually.HoldsAsync("the call", () => host.Log.Inside(key) == 1);
            call.IsCompleted.ShouldBeFalse();

            await source.CancelAsync();

            await Should.ThrowAsync<OperationCanceledException>(call);
            await Eventually.HoldsAsync("the grain to end", () => host.Log.Inside(key) == 2);
        }
    }

    [Fact]
    public async Task A_call_that_was_taken_back_before_it_was_made_never_begins()
    {
        await using var host = await TestHost.StartAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => host.Plain().WaitForCancellationAsync("gate", new CancellationToken(canceled: true)));

        await host.Plain().WhoAsync();
        host.Log.Inside("gate").ShouldBe(0);
    }

    private static bool Answers(IPlainProbe probe)
    {
        var call = probe.WhoAsync();
        return Task.WhenAny(call, Task.Delay(TimeSpan.FromSeconds(3))).GetAwaiter().GetResult() == call && call.IsCompletedSuccessfully;
    }
}
