using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Databases;
using HeliosEdge.Grains.Placement;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Grains.Databases;

/// <summary>Takes statements from other silos for <see cref="DatabaseRunner"/>, and has no state. While one runs, on a thread of its own, the next begins.</summary>
[Reentrant]
[StatelessWorker(1)]
[RegionFilter]
public sealed class DatabaseGrain(DatabaseRunner runner, TriggerRunner triggers) : Grain, IDatabaseGrain
{
    /// <inheritdoc/>
    public Task<ImmutableArray<DatabaseDescription>> ListAsync() => Task.FromResult(runner.List(this.GetPrimaryKeyString()));

    /// <inheritdoc/>
    public Task<DatabaseResult> RunAsync(DatabaseOrder order, CancellationToken cancellation) => runner.RunAsync(this.GetPrimaryKeyString(), order, cancellation);

    /// <inheritdoc/>
    public Task<TriggerResult> TriggersAsync(TriggerOrder order, CancellationToken cancellation) => triggers.RunAsync(this.GetPrimaryKeyString(), order, cancellation);
}
