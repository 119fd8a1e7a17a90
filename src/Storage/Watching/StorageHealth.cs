using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Storage.Watching;

/// <summary>All stores of a silo, and which of them cannot be used.</summary>
internal sealed class StorageHealth(TimeProvider clock, ILogger<StorageHealth> log)
{
    private readonly ConcurrentDictionary<string, WatchedStore> _stores = new(StringComparer.Ordinal);

    /// <summary>What is wrong with the stores, a sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems => _stores.Values.Select(store => store.Problem).OfType<string>();

    /// <summary>A store; the same one for whoever names the same place.</summary>
    /// <param name="what">What is in it, at the beginning of a sentence.</param>
    /// <param name="location">Where it is, without a password.</param>
    /// <param name="probe">Writes to it as others do, and throws if it cannot.</param>
    public WatchedStore Watch(string what, string location, Func<Task> probe) =>
        _stores.GetOrAdd(location, location => new WatchedStore(what, location, probe, clock, log));

    /// <summary>A store that is a SQLite database in a file.</summary>
    public WatchedStore WatchFile(string what, string path) => Watch(what, path, () => FileProbe.WriteAsync(path));

    /// <summary>Finds out which of those that could not be used can be again.</summary>
    public Task ProbeAsync() => Task.WhenAll(_stores.Values.Select(store => store.ProbeAsync()));
}
