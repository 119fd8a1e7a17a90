using HeliosEdge.Storage;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <inheritdoc cref="ICatalogGrain"/>
[Reentrant]
[SiloPlacement]
internal sealed class CatalogGrain(ICatalogFeed feed) : Grain, ICatalogGrain
{
    /// <inheritdoc/>
    public Task CatchUpAsync() => feed.CatchUpAsync();
}
