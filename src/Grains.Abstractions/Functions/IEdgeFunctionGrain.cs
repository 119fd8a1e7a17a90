using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>A function in one region; the key is <c>region/name</c>, made by <see cref="FunctionKey"/>.</summary>
[Alias("HeliosEdge.IEdgeFunctionGrain")]
public interface IEdgeFunctionGrain : IGrainWithStringKey
{
    /// <summary>Runs the function once. Whatever goes wrong with it is in the result; only the grain's own failure is thrown.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellation">Ends the call, where it has not ended yet, with the fault <c>cancelled</c>.</param>
    [Alias("Invoke")]
    [ResponseTimeout("00:01:30")]
    Task<InvocationResult> InvokeAsync(FunctionCall call, CancellationToken cancellation = default);

    /// <summary>Takes up a registration that was changed or removed; what runs finishes under the old one.</summary>
    [Alias("Refresh")]
    Task RefreshAsync();
}
