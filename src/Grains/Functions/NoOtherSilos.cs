namespace HeliosEdge.Grains.Functions;

/// <summary>The announcer of a silo that has its store for itself.</summary>
public sealed class NoOtherSilos : ICatalogAnnouncer
{
    /// <inheritdoc/>
    public Task AnnounceAsync(string name) => Task.CompletedTask;
}
