using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>
/// The registered functions, for callers within the cluster. It has no state and lives on every silo, each of which knows all functions; the key is any number. Refusals are values; only the
/// grain's own failure is thrown.
/// </summary>
[Alias("HeliosEdge.IFunctionsGrain")]
public interface IFunctionsGrain : IGrainWithIntegerKey
{
    /// <summary>A page of the functions, sorted by name.</summary>
    /// <param name="region">Only those of this region of the cluster; null for all.</param>
    /// <param name="query">Which of them.</param>
    [Alias("List")]
    [ResponseTimeout(CallTimes.Memory)]
    Task<FunctionListing> ListAsync(string? region, FunctionQuery query);
}
