using System.Collections.Concurrent;

namespace HeliosEdge.Sandbox.HostServices.Sql.Triggers;

/// <summary>Counts what the triggers of a database do. Used by many threads.</summary>
internal sealed class TriggerLedger
{
    /// <summary>Triggers that are counted; those of a database are fewer, and names that are gone are forgotten.</summary>
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public TriggerCounts Of(string name) => _entries.TryGetValue(name, out var entry) ? entry.Counts : default;

    public void Forget(string name) => _entries.TryRemove(name, out _);

    public void Fired(string name) => EntryOf(name).Fire();

    public void Rejected(string name, string message) => EntryOf(name).Reject(message);

    public void Failed(string name, string message) => EntryOf(name).Fail(message);

    private Entry EntryOf(string name) => _entries.GetOrAdd(name, static _ => new Entry());

    private sealed class Entry
    {
        private long _fired;
        private long _rejected;
        private long _failed;
        private volatile string? _lastError;

        public TriggerCounts Counts => new(Volatile.Read(ref _fired), Volatile.Read(ref _rejected), Volatile.Read(ref _failed), _lastError);

        public void Fire() => Interlocked.Increment(ref _fired);

        public void Reject(string message)
        {
            _lastError = message;
            Interlocked.Increment(ref _rejected);
        }

        public void Fail(string message)
        {
            _lastError = message;
            Interlocked.Increment(ref _failed);
        }
    }
}
