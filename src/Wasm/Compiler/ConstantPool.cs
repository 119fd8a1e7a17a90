using System.Runtime.InteropServices;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>
/// The floating-point and vector constants of a module, which its code loads from memory. RyuJIT then knows none of them, and folds
/// nothing with them: as of .NET 10.0.12 it changes signaling NaNs when it does, and takes a vector for zero whose first lane is.
/// </summary>
internal sealed class ConstantPool
{
    /// <summary>Each constant has 16 bytes of its own, zero behind a shorter one.</summary>
    public const int SlotBytes = 16;

    /// <summary>Where the zero is that nothing but its bytes says to be one.</summary>
    public const int Zero = 0;

    private readonly Dictionary<(ulong Low, ulong High), int> _offsets = new() { [(0, 0)] = Zero };
    private readonly List<ulong> _halves = [0, 0];

    /// <summary>All constants, as they have to lie in memory.</summary>
    public ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_halves));

    /// <summary>Where a constant is.</summary>
    public int OffsetOf(ulong low, ulong high)
    {
        ref var offset = ref CollectionsMarshal.GetValueRefOrAddDefault(_offsets, (low, high), out var known);
        if (!known)
        {
            offset = _halves.Count * sizeof(ulong);
            _halves.Add(low);
            _halves.Add(high);
        }

        return offset;
    }
}
