using HeliosEdge.Grains.Abstractions.Pipelines;
using HeliosEdge.Grains.Placement;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Grains.Pipelines;

/// <summary>Takes orders from other silos for <see cref="PipelineRunner"/>, and has no state.</summary>
[Reentrant]
[StatelessWorker(1)]
[RegionFilter]
public sealed class PipelinesGrain(PipelineRunner runner) : Grain, IPipelinesGrain
{
    /// <inheritdoc/>
    public Task<PipelineResult> RunAsync(PipelineOrder order, CancellationToken cancellation) => runner.RunAsync(this.GetPrimaryKeyString(), order, cancellation);
}
