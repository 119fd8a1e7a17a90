using System.Diagnostics;
using Shouldly;

namespace HeliosEdge.Testing;

/// <summary>
/// Waits for what comes about by itself and tells nobody, such as what another process or the garbage collector does; the limit is only there so
/// that a fault ends the test.
/// </summary>
public static class Eventually
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(90);

    public static Task HoldsAsync(string what, Func<bool> holds) => HoldsAsync(what, () => Task.FromResult(holds()));

    public static async Task HoldsAsync(string what, Func<Task<bool>> holds)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Stopwatch.GetElapsedTime(started).ShouldBeLessThan(Watchdog, $"waited for: {what}");
            await Task.Delay(10);
        }
    }
}
