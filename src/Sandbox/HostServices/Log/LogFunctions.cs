using System.Collections.Immutable;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Memory;
using HeliosEdge.Sandbox.Security;
using static HeliosEdge.Sandbox.Engines.HostValueKind;

namespace HeliosEdge.Sandbox.HostServices.Log;

/// <summary>The host function that writes to the function's log.</summary>
internal static class LogFunctions
{
    public static ImmutableArray<HostServiceFunction> All { get; } =
    [
        HostServiceFunction.Of("log", [I32, I32, I32], Capability.Log, Write),
    ];

    private static int Write(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        var text = memory.ReadString((uint)arguments[1], (uint)arguments[2]);
        context.Log((GuestLogLevel)Math.Clamp(arguments[0], (long)GuestLogLevel.Trace, (long)GuestLogLevel.Error), text);
        return HostResult.Success;
    }
}
