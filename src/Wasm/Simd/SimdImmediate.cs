namespace HeliosEdge.Wasm.Simd;

/// <summary>What follows the number of a vector instruction in the binary format.</summary>
internal enum SimdImmediate : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>One byte, the number of a lane.</summary>
    Lane,

    /// <summary>Alignment and offset of a memory access.</summary>
    MemArg,

    /// <summary>Alignment and offset of a memory access, then one byte, the number of a lane.</summary>
    MemArgLane,

    /// <summary>The 16 bytes of a constant.</summary>
    Const,

    /// <summary>16 bytes, each the number of a lane of the two operands together.</summary>
    Shuffle,
}
