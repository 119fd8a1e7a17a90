using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Grains.Functions;

/// <summary>Keeps registrations. What a method has acknowledged survives the process.</summary>
public interface IFunctionStore
{
    /// <summary>All registrations, in any order.</summary>
    Task<IReadOnlyList<FunctionDescription>> ReadAllAsync();

    /// <summary>The registration with this name, or null if there is none.</summary>
    Task<FunctionDescription?> ReadAsync(string name);

    /// <summary>Stores a registration in place of the one with the same name, if there is one.</summary>
    Task PutAsync(FunctionDescription function);

    /// <summary>Removes a registration.</summary>
    /// <returns>False if there is none with this name.</returns>
    Task<bool> DeleteAsync(string name);
}
