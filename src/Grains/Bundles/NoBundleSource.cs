namespace HeliosEdge.Grains.Bundles;

/// <summary>For a silo whose own store is all there is.</summary>
public sealed class NoBundleSource : IBundleSource
{
    /// <inheritdoc/>
    public Task<byte[]?> FetchAsync(string hash) => Task.FromResult<byte[]?>(null);
}
