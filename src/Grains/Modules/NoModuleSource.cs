namespace HeliosEdge.Grains.Modules;

/// <summary>For a silo whose own store is all there is.</summary>
public sealed class NoModuleSource : IModuleSource
{
    /// <inheritdoc/>
    public Task<byte[]?> FetchAsync(string hash) => Task.FromResult<byte[]?>(null);
}
