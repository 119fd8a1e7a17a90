using HeliosEdge.Grains.Embedded.Hosting;

namespace HeliosEdge.Grains.ContractTests.Embedded;

public sealed class CallTests
{
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

    private static void Impatient(EmbeddedGrainOptions options)
    {
        options.CallTimeout = TimeSpan.FromSeconds(2);
        options.SweepInterval = TimeSpan.FromMilliseconds(20);
    }
}
