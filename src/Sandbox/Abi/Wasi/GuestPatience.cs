using System.Diagnostics;
using HeliosEdge.Sandbox.Execution;

namespace HeliosEdge.Sandbox.Abi.Wasi;

/// <summary>How long a guest's thread may wait for its caller: as long as the guest may run, and its call is not taken back.</summary>
/// <param name="timeoutMs">Milliseconds from now on.</param>
/// <param name="cancellation">Takes the call back.</param>
internal sealed class GuestPatience(int timeoutMs, CancellationToken cancellation)
{
    private readonly long _started = Stopwatch.GetTimestamp();

    private TimeSpan Left => TimeSpan.FromMilliseconds(timeoutMs) - Stopwatch.GetElapsedTime(_started);

    /// <summary>Waits until a task ends, however it does, but no longer than stated.</summary>
    /// <returns>Whether it has ended.</returns>
    /// <exception cref="TimeoutException">The guest's time was over before, or its call taken back.</exception>
    public bool Wait(Task task, TimeSpan atMost)
    {
        var left = Left;
        var wait = atMost < left ? atMost : left;
        try
        {
            using var waiting = GuestThreads.Wait();
            if (wait > TimeSpan.Zero && Task.WaitAny([task], (int)Math.Ceiling(wait.TotalMilliseconds), cancellation) == 0)
            {
                return true;
            }
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException("The call was taken back while the guest waited for its caller.", e);
        }

        return Left > TimeSpan.Zero ? task.IsCompleted : throw new TimeoutException("The guest waited for its caller until the deadline.");
    }

    /// <summary>Waits until a task ends, however it does.</summary>
    /// <exception cref="TimeoutException">The guest's time was over before, or its call taken back.</exception>
    public void Wait(Task task)
    {
        while (!Wait(task, TimeSpan.MaxValue))
        {
        }
    }
}
