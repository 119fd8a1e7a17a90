using System.Collections.Immutable;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Memory;
using HeliosEdge.Sandbox.Security;
using static HeliosEdge.Sandbox.Engines.HostValueKind;

namespace HeliosEdge.Sandbox.HostServices.Clock;

/// <summary>The host function that tells the time.</summary>
internal static class ClockFunctions
{
    public static ImmutableArray<HostServiceFunction> All { get; } =
    [
        HostServiceFunction.Of("clock_now", [I32], Capability.Clock, Now),
    ];

    private static int Now(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        if (arguments[0] == 0)
        {
            return HostResult.NullOutPointer;
        }

        memory.Write((uint)arguments[0], (context.Scope.Services.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);
        return HostResult.Success;
    }
}
