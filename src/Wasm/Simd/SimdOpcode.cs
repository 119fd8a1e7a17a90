using System.Collections.Immutable;

namespace HeliosEdge.Wasm.Simd;

/// <summary>A vector instruction.</summary>
/// <param name="Code">The number that follows the prefix 0xFD.</param>
/// <param name="Name">The name in the text format, such as <c>i8x16.add</c>.</param>
/// <param name="Method">The name of the method of <see cref="SimdOperations"/> that does its work; none for a constant.</param>
/// <param name="Operands">The types of the operands, the deepest on the stack first.</param>
/// <param name="Result">The type of the result; null for a store.</param>
/// <param name="Immediate">What follows the number.</param>
/// <param name="AccessBytes">How many bytes of memory it reads or writes; 0 if none.</param>
/// <param name="Lanes">Each lane in the immediate has to be below this; of a splat, how many lanes there are; else 0.</param>
/// <param name="Folding">What the runtime's compiler may make of it.</param>
internal sealed record SimdOpcode(
    uint Code,
    string Name,
    string Method,
    ImmutableArray<ValueKind> Operands,
    ValueKind? Result,
    SimdImmediate Immediate,
    int AccessBytes,
    int Lanes,
    SimdFolding Folding = SimdFolding.Other);
