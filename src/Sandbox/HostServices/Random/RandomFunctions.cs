using System.Collections.Immutable;
using System.Security.Cryptography;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Memory;
using HeliosEdge.Sandbox.Security;
using static HeliosEdge.Sandbox.Engines.HostValueKind;

namespace HeliosEdge.Sandbox.HostServices.Random;

/// <summary>The host function that gives random bytes.</summary>
internal static class RandomFunctions
{
    public static ImmutableArray<HostServiceFunction> All { get; } =
    [
        HostServiceFunction.Of("random_get", [I32, I32], Capability.Random, Get),
    ];

    private static int Get(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        if ((uint)arguments[1] > (uint)context.Scope.Limits.MaxStringBytes)
        {
            return HostResult.TooLong;
        }

        RandomNumberGenerator.Fill(memory.View((uint)arguments[0], (uint)arguments[1]));
        return HostResult.Success;
    }
}
