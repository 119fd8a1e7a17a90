using Orleans;

namespace HeliosEdge.Grains.Abstractions.Invocations;

/// <summary>An asynchronous invocation; the key is its id. What is on disk about it is the truth; the grain runs it and wakes those who wait.</summary>
[Alias("HeliosEdge.IInvocationGrain")]
public interface IInvocationGrain : IGrainWithStringKey
{
    /// <summary>Runs one attempt and records how it ended, unless its lease is lost by then.</summary>
    [Alias("Run")]
    [ResponseTimeout("00:30:00")]
    Task RunAsync(InvocationAttempt attempt);

    /// <summary>Waits until the invocation has ended.</summary>
    /// <param name="atMostMs">Milliseconds after which the wait is over anyway.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <returns>False if it has not ended.</returns>
    [Alias("Wait")]
    [ResponseTimeout("00:02:00")]
    Task<bool> WaitAsync(int atMostMs, CancellationToken cancellationToken);

    /// <summary>Takes the invocation back. Where it runs its guest is interrupted.</summary>
    /// <returns>False if there is none with this id.</returns>
    [Alias("Cancel")]
    Task<bool> CancelAsync();
}
