using System.Buffers.Binary;

namespace HeliosEdge.Wasm.Tests.Simd;

/// <summary>Lanes of a width between 8 and 64 bits in little-endian bytes.</summary>
internal static class LaneVector
{
    internal static ulong Bits(ReadOnlySpan<byte> vector, int width, int lane)
    {
        ReadOnlySpan<byte> bytes = vector.Slice(lane * width / 8, width / 8);
        return width switch
        {
            8 => bytes[0],
            16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        };
    }

    internal static Int128 Unsigned(ReadOnlySpan<byte> vector, int width, int lane) => Bits(vector, width, lane);

    internal static Int128 Signed(ReadOnlySpan<byte> vector, int width, int lane)
    {
        Int128 value = Bits(vector, width, lane);
        return value >= Power(width - 1) ? value - Power(width) : value;
    }

    /// <summary>2 to the power of <paramref name="exponent"/>.</summary>
    internal static Int128 Power(int exponent) => Int128.One << exponent;
}
