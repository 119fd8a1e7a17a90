namespace HeliosEdge.Grains.Modules;

/// <summary>Keeps the bytes of modules by hash. What a method has acknowledged survives the process.</summary>
public interface IModuleStore
{
    /// <summary>Stores a module.</summary>
    /// <returns>False if it was stored already.</returns>
    Task<bool> AddAsync(string hash, ReadOnlyMemory<byte> bytes);

    /// <summary>The bytes of a module, or null if none with this hash is stored.</summary>
    Task<byte[]?> ReadAsync(string hash);
}
