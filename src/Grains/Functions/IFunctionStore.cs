using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Grains.Functions;

/// <summary>Keeps functions and their versions. What a method has acknowledged survives the process.</summary>
public interface IFunctionStore
{
    /// <summary>All functions, in any order.</summary>
    Task<IReadOnlyList<RegisteredFunction>> ReadAllAsync();

    /// <summary>The function with this name, or null if there is none.</summary>
    Task<RegisteredFunction?> ReadAsync(string name);

    /// <summary>Stores a version with the next number, which takes all calls from now on.</summary>
    /// <param name="definition">What it is; its version and traffic do not matter.</param>
    /// <param name="kept">How many versions of the function are kept, the newest; those that take calls are kept besides.</param>
    Task<RegisteredFunction> AppendAsync(FunctionDescription definition, int kept);

    /// <summary>Divides calls among versions.</summary>
    /// <param name="name">The function.</param>
    /// <param name="weights">The weight of each version that takes calls, all greater than 0.</param>
    /// <returns>Null, and nothing is changed, if the function or one of the versions is not there.</returns>
    Task<RegisteredFunction?> SetTrafficAsync(string name, ImmutableSortedDictionary<int, int> weights);

    /// <summary>A version; null if it is not there.</summary>
    Task<FunctionVersion?> FindVersionAsync(string name, int version);

    /// <summary>Versions, the newest first; none if there is no such function.</summary>
    /// <param name="name">The function.</param>
    /// <param name="before">Only versions with a smaller number; null for all.</param>
    /// <param name="count">How many at most.</param>
    Task<IReadOnlyList<FunctionVersion>> ListVersionsAsync(string name, int? before, int count);

    /// <summary>Removes a function with all of its versions.</summary>
    /// <returns>False if there is none with this name.</returns>
    Task<bool> DeleteAsync(string name);
}
