namespace HeliosEdge.Storage.Postgres;

/// <summary>How a silo finds out what others changed in the database.</summary>
internal sealed record CatalogWatchOptions
{
    /// <summary>How long it waits for a notification before it looks by itself: some proxies in front of PostgreSQL let none through.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);
}
