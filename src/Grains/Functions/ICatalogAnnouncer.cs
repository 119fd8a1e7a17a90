namespace HeliosEdge.Grains.Functions;

/// <summary>Tells the other silos that share the store of a change in it.</summary>
public interface ICatalogAnnouncer
{
    /// <summary>Has every other silo take the registration with this name up, or out, before the task completes.</summary>
    /// <param name="name">The function's name.</param>
    Task AnnounceAsync(string name);
}
