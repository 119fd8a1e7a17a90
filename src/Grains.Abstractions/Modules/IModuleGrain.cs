using Orleans;

namespace HeliosEdge.Grains.Abstractions.Modules;

/// <summary>
/// A stored module; the key is the SHA-256 of its bytes in lower-case hexadecimal. Each silo has its own activation.
/// </summary>
[Alias("HeliosEdge.IModuleGrain")]
public interface IModuleGrain : IGrainWithStringKey
{
    /// <summary>Describes the module, compiled in this silo's memory if it was not described since it was last in use.</summary>
    /// <returns>Null if no module with this hash is stored.</returns>
    [Alias("Load")]
    [ResponseTimeout(CallTimes.Compilation)]
    Task<ModuleDescription?> LoadAsync();

    /// <summary>Says that no function names the module any more.</summary>
    [Alias("Release")]
    [ResponseTimeout(CallTimes.Memory)]
    Task ReleaseAsync();
}
