using Orleans;

namespace HeliosEdge.Grains.Abstractions.Pipelines;

/// <summary>The pipelines of a region's databases; the key is the region's name. It lives on silos that serve the region.</summary>
[Alias("HeliosEdge.IPipelinesGrain")]
public interface IPipelinesGrain : IGrainWithStringKey
{
    /// <summary>Lists or changes pipelines. Whatever goes wrong with them is in the result; only the grain's own failure is thrown.</summary>
    /// <param name="order">What to do.</param>
    /// <param name="cancellation">Ends it.</param>
    [Alias("Run")]
    [ResponseTimeout(CallTimes.Guest)]
    Task<PipelineResult> RunAsync(PipelineOrder order, CancellationToken cancellation = default);
}
