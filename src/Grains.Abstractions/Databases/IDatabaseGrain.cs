using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Databases;

/// <summary>The SQL databases of a region; the key is the region's name. It lives on silos that serve the region.</summary>
[Alias("HeliosEdge.IDatabaseGrain")]
public interface IDatabaseGrain : IGrainWithStringKey
{
    /// <summary>The region's databases, sorted by name.</summary>
    [Alias("List")]
    [ResponseTimeout(CallTimes.Memory)]
    Task<ImmutableArray<DatabaseDescription>> ListAsync();

    /// <summary>Runs statements. Whatever goes wrong with them is in the result; only the grain's own failure is thrown.</summary>
    /// <param name="order">What to run.</param>
    /// <param name="cancellation">Ends them, and undoes what is not committed yet.</param>
    [Alias("Run")]
    [ResponseTimeout(CallTimes.Guest)]
    Task<DatabaseResult> RunAsync(DatabaseOrder order, CancellationToken cancellation = default);

    /// <summary>Lists or changes triggers. Whatever goes wrong with them is in the result.</summary>
    [Alias("Triggers")]
    [ResponseTimeout(CallTimes.Guest)]
    Task<TriggerResult> TriggersAsync(TriggerOrder order, CancellationToken cancellation = default);
}
