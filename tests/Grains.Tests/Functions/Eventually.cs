namespace HeliosEdge.Grains.Tests.Functions;

/// <summary>Waits for what is bound to happen; the limit is only there so that a fault ends the test.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(30);

    public static async Task HoldsAsync(Func<bool> happened, string what)
    {
        using var timeout = new CancellationTokenSource(Watchdog);
        while (!happened())
        {
            timeout.IsCancellationRequested.ShouldBeFalse($"waited {Watchdog} for: {what}");
            await Task.Delay(2);
        }
    }
}
