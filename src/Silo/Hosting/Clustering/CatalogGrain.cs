using HeliosEdge.Grains.Functions;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <inheritdoc cref="ICatalogGrain"/>
[Reentrant]
[SiloPlacement]
internal sealed class CatalogGrain(FunctionRegistrar registrar) : Grain, ICatalogGrain
{
    /// <inheritdoc/>
    public Task ReloadAsync(string name) => registrar.ReloadAsync(name);
}
