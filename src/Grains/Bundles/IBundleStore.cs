using HeliosEdge.Grains.Abstractions.Bundles;

namespace HeliosEdge.Grains.Bundles;

/// <summary>Keeps bundles by hash. What a method has acknowledged survives the process.</summary>
public interface IBundleStore
{
    /// <summary>Stores a bundle.</summary>
    /// <returns>False if it was stored already.</returns>
    Task<bool> AddAsync(BundleDescription bundle, ReadOnlyMemory<byte> archive);

    /// <summary>Describes a bundle, or null if none with this hash is stored.</summary>
    Task<BundleDescription?> FindAsync(string hash);

    /// <summary>The archive of a bundle, or null if none with this hash is stored.</summary>
    Task<byte[]?> ReadAsync(string hash);
}
