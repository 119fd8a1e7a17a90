using Orleans;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>The catalog of one silo; the key is the silo's address.</summary>
[Alias("HeliosEdge.ICatalogGrain")]
internal interface ICatalogGrain : IGrainWithStringKey
{
    /// <summary>Takes up what the store has now.</summary>
    [Alias("CatchUp")]
    [ResponseTimeout("00:00:10")]
    Task CatchUpAsync();
}
