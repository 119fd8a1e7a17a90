namespace HeliosEdge.Grains.Invocations;

/// <summary>The silos that hold leases of queued invocations.</summary>
public interface IInvocationOwners
{
    /// <summary>What this silo is called in the leases that it takes; like no other's, and no earlier process's.</summary>
    string Here { get; }

    /// <summary>Waits until an attempt that another silo runs has ended there.</summary>
    /// <param name="owner">Whose lease it is.</param>
    /// <param name="id">The invocation.</param>
    /// <param name="atMost">How long.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <returns>False if that is not known: the silo is not there, or did not answer in that time.</returns>
    Task<bool> WaitAsync(string owner, Guid id, TimeSpan atMost, CancellationToken cancellationToken);

    /// <summary>Tells a silo that an invocation that it runs was taken back. Where that does not get there, the silo finds out when it renews its lease.</summary>
    Task InterruptAsync(string owner, Guid id);
}
