namespace HeliosEdge.Wasm.Simd;

/// <summary>What the runtime's compiler may make of a vector instruction whose operands it knows, or knows to be the same.</summary>
internal enum SimdFolding : byte
{
    /// <summary>It must not know an operand.</summary>
    Other,

    /// <summary>A vector of one number, which it must not know.</summary>
    Splat,

    /// <summary>It looks at bits or at all lanes alike: what it makes of vectors that are zero or all ones is right, and again one or no constant.</summary>
    Bits,

    /// <summary>As <see cref="Bits"/>, and of two operands that are the same it makes zero or all ones.</summary>
    ToBits,

    /// <summary>It must not know an operand, and of two that are the same it makes zero or all ones.</summary>
    ToBitsOfLanes,
}
