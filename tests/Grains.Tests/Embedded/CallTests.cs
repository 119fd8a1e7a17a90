namespace HeliosEdge.Grains.Tests.Embedded;

public sealed class CallTests
{
    [Fact]
    public async Task Arguments_and_results_arrive()
    {
        await using var host = new EmbeddedHost();
        var guid = Guid.NewGuid();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        var result = await host.Plain().ManyAsync(-1, long.MaxValue, null, true, 0.5, new byte[] { 1, 255 }, guid, DayOfWeek.Friday, cancelled.Token);

        result.ShouldBe([$"-1 9223372036854775807  True 0.5 01FF {guid} Friday True"]);
    }

    [Fact]
    public async Task Exceptions_arrive_as_they_were_thrown()
    {
        await using var host = new EmbeddedHost();

        (await Should.ThrowAsync<FormatException>(host.Plain().FailAsync("now"))).Message.ShouldBe("now");
        (await Should.ThrowAsync<FormatException>(host.Plain().FailLaterAsync("later"))).Message.ShouldBe("later");
        (await host.Plain().AddCarefullyAsync(1)).ShouldBe(1);
    }

    [Fact]
    public async Task A_call_that_takes_too_long_times_out_and_names_the_grain()
    {
        await using var host = new EmbeddedHost(Impatient);
        var running = host.Plain("slow").WaitForGateAsync("gate");
        await EmbeddedHost.UntilAsync(() => host.Log.Inside("gate") == 1, "the first request");
        var queued = host.Plain("slow").WaitForGateAsync("never entered");

        var message = (await Should.ThrowAsync<TimeoutException>(running)).Message;
        await Should.ThrowAsync<TimeoutException>(queued);

        host.Log.Open("gate");
        message.ShouldContain("IPlainProbe.WaitForGateAsync");
        message.ShouldContain("\"slow\"");
        (await host.Plain("slow").AddCarefullyAsync(1)).ShouldBe(1);
        host.Log.Inside("never entered").ShouldBe(0);
    }

    [Fact]
    public async Task A_method_may_state_its_own_time()
    {
        await using var host = new EmbeddedHost(Impatient);

        var patient = host.Reentrant().WaitPatientlyAsync("patient");
        await Should.ThrowAsync<TimeoutException>(host.Reentrant().WaitForGateAsync("impatient"));
        patient.IsCompleted.ShouldBeFalse();
        host.Log.Open("patient");
        host.Log.Open("impatient");

        await patient;
    }

    private static void Impatient(HeliosEdge.Grains.Embedded.Hosting.EmbeddedGrainOptions options)
    {
        options.CallTimeout = TimeSpan.FromSeconds(2);
        options.SweepInterval = TimeSpan.FromMilliseconds(20);
    }
}
