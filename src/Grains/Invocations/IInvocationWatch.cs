namespace HeliosEdge.Grains.Invocations;

/// <summary>Waits for queued invocations, and takes them back.</summary>
public interface IInvocationWatch
{
    /// <summary>Waits until an invocation has ended.</summary>
    /// <param name="id">The invocation.</param>
    /// <param name="atMost">After this the wait is over anyway.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <returns>False if it has not ended; true also if there is none.</returns>
    Task<bool> WaitAsync(Guid id, TimeSpan atMost, CancellationToken cancellationToken);

    /// <summary>Takes an invocation back. Where it runs its guest is interrupted.</summary>
    /// <returns>False if there is none with this id.</returns>
    Task<bool> CancelAsync(Guid id);
}
