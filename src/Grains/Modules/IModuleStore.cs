namespace HeliosEdge.Grains.Modules;

/// <summary>Keeps the bytes of modules by hash. What a method has acknowledged survives the process.</summary>
public interface IModuleStore
{
    /// <summary>Stores a module; one that is stored already counts as stored anew.</summary>
    /// <returns>False if it was stored already.</returns>
    Task<bool> AddAsync(string hash, ReadOnlyMemory<byte> bytes);

    /// <summary>The bytes of a module, or null if none with this hash is stored.</summary>
    Task<byte[]?> ReadAsync(string hash);

    /// <summary>The hashes of all modules.</summary>
    Task<IReadOnlyCollection<string>> ListAsync();

    /// <summary>Forgets modules that no version of a function and no deployment names.</summary>
    /// <param name="before">Those that were stored later stay.</param>
    /// <returns>Their hashes.</returns>
    Task<IReadOnlyCollection<string>> ForgetAsync(DateTimeOffset before);
}
