using System.Diagnostics;

namespace HeliosEdge.Sandbox.Engines.Compilation;

/// <summary>What one caller has compiled: how much at the moment, and how much processor time that took of late. Of the pool's lock.</summary>
internal sealed class CompileAccount
{
    /// <summary>Processor time that comes back to a caller in a second.</summary>
    private const double Returned = 0.5;

    private long _since = Stopwatch.GetTimestamp();
    private TimeSpan _used;

    /// <summary>Modules that are compiled or wait.</summary>
    public int Modules { get; set; }

    /// <summary>Processor time that was taken and has not come back yet.</summary>
    public TimeSpan Used
    {
        get
        {
            var left = _used - (Stopwatch.GetElapsedTime(_since) * Returned);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    public void Charge(TimeSpan used)
    {
        _used = Used + used;
        _since = Stopwatch.GetTimestamp();
    }
}
