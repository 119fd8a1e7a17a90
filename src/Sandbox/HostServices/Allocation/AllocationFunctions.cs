using System.Collections.Immutable;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Memory;
using HeliosEdge.Sandbox.Security;
using static HeliosEdge.Sandbox.Engines.HostValueKind;

namespace HeliosEdge.Sandbox.HostServices.Allocation;

/// <summary>The host functions by which a guest has the host allocate with the guest's own allocator, and keep count.</summary>
internal static class AllocationFunctions
{
    public static ImmutableArray<HostServiceFunction> All { get; } =
    [
        HostServiceFunction.Of("alloc", [I32, I32], Capability.None, Alloc),
        HostServiceFunction.Of("dealloc", [I32, I32], Capability.None, Dealloc),
    ];

    private static int Alloc(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        if (arguments[1] == 0)
        {
            return HostResult.NullOutPointer;
        }

        // Before the block is made: one that nobody is told of could never be given back.
        _ = memory.Read<uint>((uint)arguments[1]);
        var pointer = memory.Allocate((uint)arguments[0]);
        memory.Write((uint)arguments[1], pointer);
        return HostResult.Success;
    }

    private static int Dealloc(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        memory.Deallocate((uint)arguments[0], (uint)arguments[1]);
        return HostResult.Success;
    }
}
