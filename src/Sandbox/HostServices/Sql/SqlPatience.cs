using System.Diagnostics;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>Until when somebody waits for a database.</summary>
/// <param name="Deadline">The last moment, by <see cref="Stopwatch"/>.</param>
/// <param name="Cancellation">Ends the wait before that.</param>
public readonly record struct SqlPatience(long Deadline, CancellationToken Cancellation)
{
    /// <summary>Patience that ends in some time.</summary>
    public static SqlPatience For(TimeSpan time, CancellationToken cancellationToken) =>
        new(Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency), cancellationToken);

    /// <summary>The time that is left; zero or less once it is over.</summary>
    public TimeSpan Remaining => Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), Deadline);

    /// <summary>True once it is over.</summary>
    public bool IsOver => Cancellation.IsCancellationRequested || Stopwatch.GetTimestamp() >= Deadline;
}
