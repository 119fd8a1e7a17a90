using HeliosEdge.Sandbox.Invocations;

namespace HeliosEdge.Sandbox.HostServices.KeyValue;

/// <summary>The keys of functions: each function has its own in each region. Used by many threads.</summary>
public interface IKeyValueStore : IHostService
{
    /// <summary>The value of a key, or null where there is none.</summary>
    byte[]? Get(string region, string function, string key);

    /// <summary>Sets a key.</summary>
    /// <returns>False, and nothing is changed, if the function would then have more than it may.</returns>
    /// <exception cref="TimeoutException">Other writers were busy for as long as <paramref name="patience"/>.</exception>
    bool TrySet(string region, string function, string key, byte[] value, TimeSpan patience);

    /// <summary>Removes a key.</summary>
    /// <returns>False if there was none.</returns>
    /// <exception cref="TimeoutException">Other writers were busy for as long as <paramref name="patience"/>.</exception>
    bool Delete(string region, string function, string key, TimeSpan patience);

    /// <summary>
    /// The keys that start with <paramref name="prefix"/>, sorted by their UTF-8 bytes: as many from the first on as are within both
    /// <paramref name="limit"/> keys and <paramref name="maxBytes"/> bytes.
    /// </summary>
    /// <param name="region">Whose keys.</param>
    /// <param name="function">Whose keys.</param>
    /// <param name="prefix">What they start with.</param>
    /// <param name="after">Only those that are sorted after this, whether there is such a key or not; empty for all.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="maxBytes">Bytes of them all at most.</param>
    KeyPage List(string region, string function, string prefix, string after, int limit, int maxBytes);
}
