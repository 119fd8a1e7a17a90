using Orleans;

namespace HeliosEdge.Grains.Abstractions.Invocations;

/// <summary>A durable fan-out; the key is its id.</summary>
[Alias("HeliosEdge.IFanOutGrain")]
public interface IFanOutGrain : IGrainWithStringKey
{
    /// <summary>
    /// Waits until the fan-out is decided: as many regions as it asks for have succeeded, or all have ended. The invocations that are no longer
    /// wanted then are cancelled.
    /// </summary>
    /// <param name="atMostMs">Milliseconds after which the wait is over anyway.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <returns>False if it is not decided.</returns>
    [Alias("Wait")]
    [ResponseTimeout("00:02:00")]
    Task<bool> WaitAsync(int atMostMs, CancellationToken cancellationToken);
}
