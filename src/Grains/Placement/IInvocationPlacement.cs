using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.Placement;

/// <summary>Has invocations run where they are to run.</summary>
public interface IInvocationPlacement
{
    /// <summary>Runs an invocation. Whatever goes wrong with it is in the result.</summary>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.RegionNotFound"/>: nobody serves the region. <see cref="ErrorCodes.FunctionNotFound"/>: no region is stated
    /// and none that is known has the function.
    /// </exception>
    Task<PlacedInvocation> InvokeAsync(InvocationOrder order, CancellationToken cancellationToken = default);
}
