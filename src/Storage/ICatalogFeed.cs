namespace HeliosEdge.Storage;

/// <summary>What other silos change in a store that they share with this one.</summary>
internal interface ICatalogFeed
{
    /// <summary>Takes up all that the store has now. Once this returns, every later call here runs it.</summary>
    Task CatchUpAsync(CancellationToken cancellationToken = default);
}
