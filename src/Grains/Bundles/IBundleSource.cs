namespace HeliosEdge.Grains.Bundles;

/// <summary>Where bundles can be had that are not in the silo's own store.</summary>
public interface IBundleSource
{
    /// <summary>The archive of a bundle, which has its hash; null if it is not to be had now.</summary>
    Task<byte[]?> FetchAsync(string hash);
}
