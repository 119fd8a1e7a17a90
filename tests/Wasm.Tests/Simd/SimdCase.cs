using HeliosEdge.Wasm.Simd;

namespace HeliosEdge.Wasm.Tests.Simd;

/// <summary>What one execution of a vector instruction works on. A scalar operand is the first bytes of its 16.</summary>
internal sealed record SimdCase(byte[] A, byte[] B, byte[] C, byte[] Memory, byte[] Lanes)
{
    internal const int VectorBytes = 16;

    /// <summary>How far the address is from a multiple of 16, so that no access is aligned by chance.</summary>
    internal int Misalignment => Lanes[1] % VectorBytes;

    internal byte[] Operand(int index) => index switch
    {
        0 => A,
        1 => B,
        _ => C,
    };

    /// <summary>The lane of the immediate; 0 for an instruction without one.</summary>
    internal int Lane(SimdOpcode opcode) => opcode.Lanes == 0 ? 0 : Lanes[0] % opcode.Lanes;

    public override string ToString() =>
        $"a={Convert.ToHexString(A)} b={Convert.ToHexString(B)} c={Convert.ToHexString(C)} " +
        $"memory={Convert.ToHexString(Memory)} lanes={Convert.ToHexString(Lanes)}";
}
