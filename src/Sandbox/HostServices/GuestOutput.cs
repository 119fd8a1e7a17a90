using HeliosEdge.Sandbox.Memory;

namespace HeliosEdge.Sandbox.HostServices;

/// <summary>Where a guest wants to be given a block: two addresses, for the block's address and for its length.</summary>
/// <param name="Pointer">Where the address is to be written.</param>
/// <param name="Length">Where the length is to be written.</param>
internal readonly record struct GuestOutput(uint Pointer, uint Length)
{
    /// <summary>Checks, before any work is done, that a block can be given there later.</summary>
    /// <returns>What the guest is to be told, or <see cref="HostResult.Success"/>.</returns>
    /// <exception cref="GuestMemoryException">One of the two does not lie within the memory, or is misaligned.</exception>
    public int Check(GuestMemory memory)
    {
        if (Pointer == 0)
        {
            return HostResult.NullOutPointer;
        }

        if (Length == 0)
        {
            return HostResult.NullOutLength;
        }

        _ = memory.Read<uint>(Pointer);
        _ = memory.Read<uint>(Length);
        return HostResult.Success;
    }

    /// <summary>Gives bytes to the guest in a block of its own memory.</summary>
    /// <exception cref="SandboxException">The guest has no room.</exception>
    public int Give(GuestMemory memory, ReadOnlySpan<byte> bytes)
    {
        var block = bytes.IsEmpty ? 0 : memory.Allocate((uint)bytes.Length);
        memory.WriteBytes(block, bytes);
        memory.Write(Pointer, block);
        memory.Write(Length, (uint)bytes.Length);
        return HostResult.Success;
    }
}
