using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using HeliosEdge.Testing.Building;

namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>Bit patterns that lie at the edges more often than chance would have it; the first of each type is zero.</summary>
internal static class GeneratedValues
{
    private static readonly int[] _i32 =
    [
        0, 1, -1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 127, 128, -128, 255, 256, -256, 32_767, 32_768, -32_768, 65_535, 65_536, 0x00FF_00FF, 0x0F0F_0F0F,
        0x5555_5555, 0x7FFF_FFFE, int.MaxValue, int.MinValue, int.MinValue + 1, 0x7F80_0000, 0x7FC0_0000, 0x7FA0_0000, 0x3F80_0000,
    ];

    private static readonly long[] _i64 =
    [
        0, 1, -1, 2, 31, 32, 63, 64, 65, 127, 128, -128, 255, 256, 32_767, -32_768, 65_535, 65_536, int.MaxValue, int.MinValue, 0x8000_0000, uint.MaxValue,
        0x1_0000_0000, 0x00FF_00FF_00FF_00FF, 0x7FFF_FFFF_0000_0000, long.MaxValue, long.MinValue, 0x7FF8_0000_0000_0000, 0x7FF4_0000_0000_0000,
        0x3FF0_0000_0000_0000,
    ];

    // Zeros, ones, powers, the ends of the integers' ranges, subnormals, infinities, NaNs: canonical, quiet and signaling ones with payloads.
    private static readonly uint[] _f32 =
    [
        0, 0x8000_0000, 0x3F80_0000, 0xBF80_0000, 0x3F00_0000, 0xBF00_0000, 0x3FC0_0000, 0x4000_0000, 0x4020_0000, 0x0000_0001, 0x8000_0001, 0x007F_FFFF,
        0x0080_0000, 0x4B00_0000, 0x4B7F_FFFF, 0x4EFF_FFFF, 0x4F00_0000, 0xCF00_0000, 0xCF00_0001, 0x4F7F_FFFF, 0x4F80_0000, 0x5EFF_FFFF, 0x5F00_0000,
        0xDF00_0000, 0x5F7F_FFFF, 0x5F80_0000, 0x7F7F_FFFF, 0xFF7F_FFFF, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xFFC0_0000, 0x7FC1_2345, 0x7FA0_0000,
        0xFFA0_0000, 0x7F80_0001, 0x7FBF_FFFF, 0x7FFF_FFFF, 0xFF81_2345,
    ];

    private static readonly ulong[] _f64 =
    [
        0, 0x8000_0000_0000_0000, 0x3FF0_0000_0000_0000, 0xBFF0_0000_0000_0000, 0x3FE0_0000_0000_0000, 0xBFE0_0000_0000_0000, 0x3FF8_0000_0000_0000,
        0x4000_0000_0000_0000, 0x4004_0000_0000_0000, 1, 0x8000_0000_0000_0001, 0x000F_FFFF_FFFF_FFFF, 0x0010_0000_0000_0000, 0x36A0_0000_0000_0000,
        0x3690_0000_0000_0000, 0x41DF_FFFF_FFC0_0000, 0x41E0_0000_0000_0000, 0xC1E0_0000_0000_0000, 0xC1E0_0000_001F_FFFF, 0xC1E0_0000_0020_0000,
        0x41EF_FFFF_FFE0_0000, 0x41EF_FFFF_FFFF_FFFF, 0x41F0_0000_0000_0000, 0x4330_0000_0000_0000, 0x43DF_FFFF_FFFF_FFFF, 0x43E0_0000_0000_0000,
        0xC3E0_0000_0000_0000, 0xC3E0_0000_0000_0001, 0x43EF_FFFF_FFFF_FFFF, 0x43F0_0000_0000_0000, 0x47EF_FFFF_E000_0000, 0x47EF_FFFF_F000_0000,
        0x47F0_0000_0000_0000, 0x7FEF_FFFF_FFFF_FFFF, 0xFFEF_FFFF_FFFF_FFFF, 0x7FF0_0000_0000_0000, 0xFFF0_0000_0000_0000, 0x7FF8_0000_0000_0000,
        0xFFF8_0000_0000_0000, 0x7FF8_1234_5678_9ABC, 0x7FF4_0000_0000_0000, 0xFFF4_0000_0000_0000, 0x7FF0_0000_0000_0001, 0x7FF7_FFFF_FFFF_FFFF,
        0x7FFF_FFFF_FFFF_FFFF, 0x7FF0_0000_2000_0000,
    ];

    /// <summary>Emits a constant.</summary>
    public static Code Constant(Code code, ValueKind kind, Choices choices) => kind switch
    {
        ValueKind.I32 => code.I32(I32(choices)),
        ValueKind.I64 => code.I64(I64(choices)),
        ValueKind.F32 => code.F32Bits(F32(choices)),
        ValueKind.F64 => code.F64Bits(F64(choices)),
        ValueKind.V128 => code.V128(V128(choices)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A reference is no constant here."),
    };

    public static int I32(Choices choices) => choices.Below(4) switch
    {
        < 2 => choices.Pick(_i32),
        2 => choices.Below(300) - 40,
        _ => (int)choices.Bits(),
    };

    public static long I64(Choices choices) => choices.Below(4) switch
    {
        < 2 => choices.Pick(_i64),
        2 => choices.Below(300) - 40,
        _ => (long)choices.Bits(),
    };

    public static uint F32(Choices choices) => choices.Below(4) switch
    {
        < 2 => choices.Pick(_f32),
        2 => BitConverter.SingleToUInt32Bits((choices.Below(4_000) - 2_000) / 8f),
        _ => (uint)choices.Bits(),
    };

    public static ulong F64(Choices choices) => choices.Below(4) switch
    {
        < 2 => choices.Pick(_f64),
        2 => BitConverter.DoubleToUInt64Bits((choices.Below(4_000) - 2_000) / 8.0),
        _ => choices.Bits(),
    };

    /// <summary>Zero, ones, any bits, or lanes of one width, of which the first often differs from the others.</summary>
    public static Vector128<byte> V128(Choices choices)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        switch (choices.Below(11))
        {
            case 0:
                break;
            case 1:
                bytes.Fill(0xFF);
                break;
            case 2:
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, choices.Bits());
                BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], choices.Bits());
                break;
            case 3:
                Lanes(bytes, 1, choices);
                break;
            case 4:
                Lanes(bytes, 2, choices);
                break;
            case 5 or 6:
                Lanes(bytes, 4, choices);
                break;
            case 7:
                Lanes(bytes, 8, choices);
                break;
            default:
                FirstLane(bytes, 1 << choices.Below(4), choices);
                break;
        }

        return Vector128.Create<byte>(bytes);
    }

    private static void Lanes(Span<byte> bytes, int width, Choices choices)
    {
        var floats = choices.Below(2) == 1;

        // All alike, the first alone different, the last alone different, or each on its own.
        var form = choices.Below(4);
        var common = Lane(width, floats, choices);
        for (var at = 0; at < bytes.Length; at += width)
        {
            var own = form == 3 || (form == 1 && at == 0) || (form == 2 && at == bytes.Length - width);
            var lane = own ? Lane(width, floats, choices) : common;
            for (var i = 0; i < width; i++)
            {
                bytes[at + i] = (byte)(lane >> (8 * i));
            }
        }
    }

    /// <summary>A first lane that many rules about arithmetic are about, and others that they are not about.</summary>
    private static void FirstLane(Span<byte> bytes, int width, Choices choices)
    {
        var first = choices.Below(4) switch { < 2 => (byte)0x00, 2 => (byte)0xFF, _ => (byte)0x01 };
        bytes[..width].Fill(first == 0x01 ? (byte)0 : first);
        bytes[0] = first;
        for (var at = width; at < bytes.Length; at++)
        {
            bytes[at] = (byte)choices.Below(256);
        }
    }

    private static ulong Lane(int width, bool floats, Choices choices) => width switch
    {
        8 => floats ? F64(choices) : (ulong)I64(choices),
        4 => floats ? F32(choices) : (uint)I32(choices),
        _ => (uint)I32(choices),
    };
}
