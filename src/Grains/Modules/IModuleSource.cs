namespace HeliosEdge.Grains.Modules;

/// <summary>Where modules can be had that are not in the silo's own store.</summary>
public interface IModuleSource
{
    /// <summary>The bytes of a module, which have its hash; null if it is not to be had now.</summary>
    Task<byte[]?> FetchAsync(string hash);
}
