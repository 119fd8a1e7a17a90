using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;

namespace HeliosEdge.Wasm.Tests.Simd;

/// <summary>Vectors of special lanes, of random bytes, and of both.</summary>
internal static class SimdCaseGenerator
{
    private static readonly byte[][] Bytes = Array.ConvertAll(
        new byte[] { 0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 0x55, 0x7E, 0x7F, 0x80, 0x81, 0x8F, 0x90, 0xAA, 0xFE, 0xFF },
        value => new[] { value });

    private static readonly byte[][] Words = Array.ConvertAll(
        new ushort[]
        {
            0, 1, 2, 15, 16, 17, 0x7F, 0x80, 0x81, 0xFF, 0x100, 0x3FFF, 0x4000, 0x5555, 0x7FFE, 0x7FFF, 0x8000, 0x8001,
            0xC000, 0xFF7F, 0xFF80, 0xFF81, 0xFFFE, 0xFFFF,
        },
        value =>
        {
            var bytes = new byte[sizeof(ushort)];
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
            return bytes;
        });

    private static readonly byte[][] DoubleWords = Array.ConvertAll(
        new uint[]
        {
            0, 1, 2, 31, 32, 33, 0x7FFF, 0x8000, 0x8001, 0xFFFF, 0x1_0000, 0x00FF_FFFF, 0x0100_0001, 0x0180_0001, 0x5555_5555,
            0x7FFF_FF80, 0x7FFF_FFBF, 0x7FFF_FFFE, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0x8000_0080, 0x8000_0081, 0xFFFF_7FFF,
            0xFFFF_8000, 0xFFFF_8001, 0xFFFF_FF7F, 0xFFFF_FF80, 0xFFFF_FFFE, 0xFFFF_FFFF,
        },
        Encode);

    private static readonly byte[][] QuadWords = Array.ConvertAll(
        new ulong[]
        {
            0, 1, 2, 63, 64, 65, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, 0x1_0000_0001, 0x7FFF_FFFF_FFFF_FFFE,
            0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0x8000_0000_0000_0001, 0x8000_0000_FFFF_FFFF, 0xFFFF_FFFF_0000_0000,
            0xFFFF_FFFF_7FFF_FFFF, 0xFFFF_FFFF_8000_0000, 0xFFFF_FFFF_FFFF_FFFE, 0xFFFF_FFFF_FFFF_FFFF,
        },
        Encode);

    private static readonly byte[][] Singles =
    [
        .. Array.ConvertAll(
            new[]
            {
                0f, -0f, 1f, -1f, 0.25f, 0.49999997f, 0.5f, -0.5f, 0.50000006f, 0.75f, -0.75f, 1.5f, -1.5f, 2.5f, -2.5f, 3.5f,
                float.Epsilon, -float.Epsilon, 1.1754942E-38f, 1.1754944E-38f, float.MaxValue, float.MinValue, 8388607.5f, -8388607.5f,
                8388609f, 16777216f, 2147483520f, 2147483648f, -2147483648f, -2147483904f, 4294967040f, 4294967296f, 9.223372E18f,
                float.PositiveInfinity, float.NegativeInfinity,
            },
            value => Encode(BitConverter.SingleToUInt32Bits(value))),
        .. Array.ConvertAll(
            new uint[] { 0x7FC0_0000, 0xFFC0_0000, 0x7FC1_2345, 0xFFFF_FFFF, 0x7F80_0001, 0xFF80_0001, 0x7FA0_0000, 0xFFBF_FFFF },
            Encode),
    ];

    private static readonly byte[][] Doubles =
    [
        .. Array.ConvertAll(
            new[]
            {
                0d, -0d, 1d, -1d, 0.49999999999999994, 0.5, -0.5, 0.5000000000000001, 0.75, -0.75, 1.5, -1.5, 2.5, -2.5, 3.5,
                double.Epsilon, -double.Epsilon, 2.2250738585072009E-308, 2.2250738585072014E-308, double.MaxValue, double.MinValue,
                2147483646.9999998, 2147483647, 2147483647.5, 2147483648, -2147483648, -2147483648.9, -2147483649, 4294967295,
                4294967295.9, 4294967296, 4503599627370495.5, -4503599627370495.5, 4503599627370497, 9.2233720368547758E18,
                1.401298464324817E-45, 7.006492321624085E-46, 7.0064923216240863E-46, 1.1754943508222875E-38, 1.1754942807573643E-38,
                3.4028234663852886E+38, 3.4028235677973362E+38, 3.4028235677973366E+38, 1.0000000596046448, 1.0000001788139343,
                double.PositiveInfinity, double.NegativeInfinity,
            },
            value => Encode(BitConverter.DoubleToUInt64Bits(value))),
        .. Array.ConvertAll(
            new ulong[]
            {
                0x7FF8_0000_0000_0000, 0xFFF8_0000_0000_0000, 0x7FF8_1234_5678_9ABC, 0xFFFF_FFFF_FFFF_FFFF, 0x7FF0_0000_0000_0001,
                0xFFF0_0000_0000_0001, 0x7FF4_0000_0000_0000, 0xFFF7_FFFF_FFFF_FFFF,
            },
            Encode),
    ];

    /// <summary>The special lanes, of one width or one number type after the other.</summary>
    internal static IReadOnlyList<byte[][]> SpecialLanes { get; } = [Bytes, Words, DoubleWords, QuadWords, Singles, Doubles];

    internal static Arbitrary<SimdCase> Cases { get; } = CaseGenerator().ToArbitrary();

    /// <summary>A vector whose lanes are those of the list from an index on, cyclically.</summary>
    internal static byte[] Cycle(byte[][] lanes, int start)
    {
        int count = SimdCase.VectorBytes / lanes[0].Length;
        return Enumerable.Range(start, count).SelectMany(index => lanes[index % lanes.Length]).ToArray();
    }

    private static Gen<SimdCase> CaseGenerator()
    {
        Gen<byte> anyByte = Gen.Choose(0, byte.MaxValue).Select(value => (byte)value);
        Gen<byte[]> random = anyByte.ArrayOf(SimdCase.VectorBytes);
        Gen<byte[]> vector = Gen.OneOf([random, .. SpecialLanes.Select(Special)]);
        Gen<byte[]> lanes = Gen.Choose(0, 31).Select(value => (byte)value).ArrayOf(SimdCase.VectorBytes);
        Gen<byte[]> lanesOfOneOperand =
            from numbers in lanes
            from operand in Gen.Choose(0, 1)
            select Array.ConvertAll(numbers, number => (byte)((number & 15) | (operand << 4)));
        return
            from a in vector
            from b in vector
            from c in vector
            from memory in vector
            from immediate in Gen.OneOf(lanes, lanesOfOneOperand)
            select new SimdCase(a, b, c, memory, immediate);
    }

    // Mostly special lanes, with a random one here and there.
    private static Gen<byte[]> Special(byte[][] lanes)
    {
        int width = lanes[0].Length;
        Gen<byte[]> random = Gen.Choose(0, byte.MaxValue).Select(value => (byte)value).ArrayOf(width);
        Gen<byte[]> lane = Gen.Frequency((3, Gen.Elements(lanes)), (1, random));
        return lane.ArrayOf(SimdCase.VectorBytes / width).Select(parts => parts.SelectMany(part => part).ToArray());
    }

    private static byte[] Encode(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Encode(ulong value)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }
}
