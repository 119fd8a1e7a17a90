using System.Runtime.Intrinsics;
using HeliosEdge.Wasm.Tests.Building;

namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>Random numbers that lie at the edges more often than chance would have it.</summary>
internal static class GeneratedValues
{
    private static readonly int[] _i32 = [0, 1, -1, 2, 31, 32, 33, 255, 256, 65_535, 65_536, int.MaxValue, int.MinValue];

    private static readonly long[] _i64 = [0, 1, -1, 63, 64, uint.MaxValue, int.MinValue, long.MaxValue, long.MinValue];

    // NaN is the canonical one of the standard; C#'s own has its sign set.
    private static readonly double[] _floats =
    [
        0, -0.0, 1, -1, 0.5, -1.5, 1e10, -1e10, 2_147_483_648, -2_147_483_649, 4_294_967_296, 9.3e18, 3.4e38, 1e300, 1e-300,
        double.PositiveInfinity, double.NegativeInfinity, BitConverter.UInt64BitsToDouble(0x7FF8_0000_0000_0000),
    ];

    public static Code Constant(Code code, ValueKind kind, Random random)
    {
        var value = Of(kind, random);
        return kind switch
        {
            ValueKind.I32 => code.I32(value.I32),
            ValueKind.I64 => code.I64(value.I64),
            ValueKind.F32 => code.F32(value.F32),
            ValueKind.F64 => code.F64(value.F64),
            _ => code.V128(value.V128),
        };
    }

    public static WasmValue Of(ValueKind kind, Random random) => kind switch
    {
        ValueKind.I32 => WasmValue.FromI32(random.Next(3) switch
        {
            0 => random.Next(int.MinValue, int.MaxValue),
            1 => random.Next(70_000),
            _ => Pick(_i32, random),
        }),
        ValueKind.I64 => WasmValue.FromI64(random.Next(3) switch
        {
            0 => random.NextInt64(long.MinValue, long.MaxValue),
            1 => random.Next(100),
            _ => Pick(_i64, random),
        }),
        ValueKind.F32 => WasmValue.FromF32((float)Float(random)),
        ValueKind.F64 => WasmValue.FromF64(Float(random)),
        _ => WasmValue.FromV128(Vector(random)),
    };

    private static double Float(Random random) =>
        random.Next(2) == 0 ? Pick(_floats, random) : (random.NextDouble() * 2_000) - 1_000;

    private static Vector128<byte> Vector(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return random.Next(3) == 0
            ? Vector128.Create((float)random.Next(-100, 100)).AsByte()
            : Vector128.Create<byte>(bytes);
    }

    private static T Pick<T>(T[] values, Random random) => values[random.Next(values.Length)];
}
