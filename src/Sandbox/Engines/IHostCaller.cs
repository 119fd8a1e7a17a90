namespace HeliosEdge.Sandbox.Engines;

/// <summary>The guest as a host function sees it.</summary>
public interface IHostCaller : IGuestAccess
{
    /// <summary>What was given to <see cref="ICompiledModule.Instantiate"/> for the host functions of this instance.</summary>
    object? State { get; }
}
