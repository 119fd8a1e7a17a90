using System.Diagnostics;

namespace HeliosEdge.Silo.Tests.Running;

/// <summary>Waits for what comes about by itself.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(60);

    public static async Task HoldsAsync(string what, Func<Task<bool>> holds)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Stopwatch.GetElapsedTime(started).ShouldBeLessThan(Watchdog, $"waited for: {what}");
            await Task.Delay(50);
        }
    }
}
