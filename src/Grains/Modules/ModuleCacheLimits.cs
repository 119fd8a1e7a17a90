using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Grains.Modules;

/// <summary>What the modules of a process may take.</summary>
/// <param name="Loaded">
/// What all of them may take together. Those that were unloaded and that the engine has not given back yet may take half as much besides.
/// </param>
/// <param name="MaxIdle">How many may stay that nobody has a lease on.</param>
public sealed record ModuleCacheLimits(ModuleFootprint Loaded, int MaxIdle = int.MaxValue)
{
    /// <summary>The limits where nothing is known about the machine.</summary>
    public static ModuleCacheLimits Default { get; } = new(new ModuleFootprint(Mappings: 16_384, Descriptors: 256, Bytes: 256L << 20));
}
