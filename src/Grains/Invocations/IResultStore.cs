namespace HeliosEdge.Grains.Invocations;

/// <summary>Results of synchronous calls that came with an idempotency key. What a method has acknowledged is on disk.</summary>
public interface IResultStore
{
    /// <summary>Stores a result, unless the key is held already: by another call that was faster, or by what was queued with it.</summary>
    /// <param name="function">The function's name.</param>
    /// <param name="key">The caller's key.</param>
    /// <param name="result">The result, in whatever form its reader understands.</param>
    /// <param name="lifetime">How long it is kept.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>What holds the key from now on.</returns>
    Task<KeyHolder> AddAsync(string function, string key, byte[] result, TimeSpan lifetime, CancellationToken cancel = default);

    /// <summary>Puts a result in the place of the one that holds for a key, if that is <paramref name="expected"/>.</summary>
    /// <param name="function">The function's name.</param>
    /// <param name="key">The caller's key.</param>
    /// <param name="expected">What must hold for the key.</param>
    /// <param name="result">What holds from now on; null frees the key.</param>
    /// <param name="lifetime">How long it is kept.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>False if something else holds; nothing is changed.</returns>
    Task<bool> ReplaceAsync(
        string function, string key, byte[] expected, byte[]? result, TimeSpan lifetime, CancellationToken cancel = default);
}
