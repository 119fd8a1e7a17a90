using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>
/// A function in one region; the key is made by <see cref="FunctionKey"/>. It runs on the silo that the call comes from, where that serves the region,
/// else on another one that does.
/// </summary>
[Alias("HeliosEdge.IEdgeFunctionGrain")]
public interface IEdgeFunctionGrain : IGrainWithStringKey
{
    /// <summary>Runs the function once. Whatever goes wrong with it is in the result; only the grain's own failure is thrown.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellation">Ends the call, where it has not ended yet, with the fault <c>cancelled</c>.</param>
    [Alias("Invoke")]
    [ResponseTimeout(CallTimes.Guest)]
    Task<InvocationResult> InvokeAsync(FunctionCall call, CancellationToken cancellation = default);

    /// <summary>Runs the function once, and gives its answer to an HTTP request while the guest writes it.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellation">Ends the call, where it has not ended yet.</param>
    /// <returns>The head and pieces of the body, where the guest began to answer before its end; last, how it ended. Who does not take them holds the guest up, and who leaves ends it.</returns>
    [Alias("Answer")]
    [ResponseTimeout(CallTimes.Guest)]
    IAsyncEnumerable<AnswerPart> AnswerAsync(FunctionCall call, CancellationToken cancellation = default);
}
