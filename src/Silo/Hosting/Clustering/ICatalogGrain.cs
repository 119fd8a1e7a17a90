using Orleans;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>The catalog of one silo; the key is the silo's address.</summary>
[Alias("HeliosEdge.ICatalogGrain")]
internal interface ICatalogGrain : IGrainWithStringKey
{
    /// <summary>Takes up what the store has under a name now.</summary>
    [Alias("Reload")]
    Task ReloadAsync(string name);
}
