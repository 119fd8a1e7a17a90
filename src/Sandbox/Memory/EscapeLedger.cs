using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace HeliosEdge.Sandbox.Memory;

/// <summary>
/// How often the functions of this process were refused an access, by function and region. Also published as the counter
/// <c>helios.sandbox.refused_accesses</c> of the meter <c>HeliosEdge.Sandbox</c>, tagged <c>function</c>, <c>region</c> and <c>code</c>.
/// </summary>
public sealed class EscapeLedger
{
    private static readonly Meter Meter = new("HeliosEdge.Sandbox");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "helios.sandbox.refused_accesses", "{access}", "Accesses to guest memory that were refused.");

    private readonly ConcurrentDictionary<(string Function, string Region), long> _counts = [];

    /// <summary>How often a function was refused an access in a region.</summary>
    public long Count(string function, string region) => _counts.GetValueOrDefault((function, region));

    /// <summary>All functions that were refused one and are still there.</summary>
    public IReadOnlyDictionary<(string Function, string Region), long> Snapshot() =>
        new Dictionary<(string Function, string Region), long>(_counts);

    /// <summary>Forgets a function that is no longer in a region; the counter keeps what it has counted.</summary>
    public void Forget(string function, string region) => _counts.TryRemove((function, region), out _);

    internal void Add(string function, string region, string code)
    {
        _counts.AddOrUpdate((function, region), 1, (_, count) => count + 1);
        Refused.Add(1, new("function", function), new("region", region), new("code", code));
    }
}
