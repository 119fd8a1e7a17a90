using Orleans;

namespace HeliosEdge.Grains.Abstractions.Modules;

/// <summary>
/// A stored module; the key is the SHA-256 of its bytes in lower-case hexadecimal. Each silo has its own activation, which
/// keeps the compiled module in that silo's memory for as long as it is in use.
/// </summary>
[Alias("HeliosEdge.IModuleGrain")]
public interface IModuleGrain : IGrainWithStringKey
{
    /// <summary>Brings the module into this silo's memory, compiled, if it is not there, and describes it.</summary>
    /// <returns>Null if no module with this hash is stored.</returns>
    [Alias("Load")]
    [ResponseTimeout("00:02:00")]
    Task<ModuleDescription?> LoadAsync();
}
