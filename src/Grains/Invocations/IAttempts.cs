namespace HeliosEdge.Grains.Invocations;

/// <summary>Runs attempts of queued invocations on this silo.</summary>
public interface IAttempts
{
    /// <summary>Runs one attempt and records how it ended, unless its lease is lost by then.</summary>
    Task RunAsync(InvocationAttempt attempt);
}
