using System.Collections.Concurrent;

namespace HeliosEdge.Sandbox.HostServices.Sql.Triggers;

/// <summary>Counts what the triggers of a database do. Used by many threads.</summary>
internal sealed class TriggerLedger
{
    /// <summary>Triggers that are counted; those of a database are fewer, and names that are gone are forgotten.</summary>
    private readonly ConcurrentDictionary<string, TriggerCounts> _counts = new(StringComparer.Ordinal);

    public TriggerCounts Of(string name) => _counts.GetValueOrDefault(name);

    public void Forget(string name) => _counts.TryRemove(name, out _);

    public void Fired(string name) => Add(name, counts => counts with { Fired = counts.Fired + 1 });

    public void Rejected(string name, string message) => Add(name, counts => counts with { Rejected = counts.Rejected + 1, LastError = message });

    public void Failed(string name, string message) => Add(name, counts => counts with { Failed = counts.Failed + 1, LastError = message });

    private void Add(string name, Func<TriggerCounts, TriggerCounts> change) =>
        _counts.AddOrUpdate(name, static (_, change) => change(default), static (_, counts, change) => change(counts), change);
}
