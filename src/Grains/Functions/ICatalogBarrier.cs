namespace HeliosEdge.Grains.Functions;

/// <summary>Where a change waits for the other silos of the cluster before it is acknowledged.</summary>
public interface ICatalogBarrier
{
    /// <summary>Returns once every other silo that is up has taken up what the store has now.</summary>
    /// <exception cref="Sandbox.SandboxException"><see cref="Sandbox.ErrorCodes.PeerFailed"/>: one of them has not said so in time. It takes the change up when it can.</exception>
    Task PassAsync();
}
