namespace HeliosEdge.Sandbox.Engines;

/// <summary>What a module is compiled for; the same module may be in memory once for each.</summary>
/// <param name="Engine">The engine that its instances run on.</param>
/// <param name="IsMetered">Whether its instances can be given <see cref="InstanceLimits.Fuel"/>.</param>
public readonly record struct ModuleBuild(IWasmEngine Engine, bool IsMetered = false);
