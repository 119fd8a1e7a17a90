using System.Numerics;
using HeliosEdge.Wasm.Simd;
using static HeliosEdge.Wasm.Tests.Simd.LaneVector;

namespace HeliosEdge.Wasm.Tests.Simd;

/// <summary>
/// The vector instructions, one lane at a time and in exact integers, as core spec 4.3 and 4.4.3 define them. Floats of both
/// widths are computed as doubles: for + - * / and sqrt of binary32 that rounds as computing in binary32 does, since the
/// significand of a double has more than twice as many bits.
/// </summary>
internal static class ScalarReference
{
    /// <summary>The lanes of the result, none for a store, and the 16 bytes of memory at the address afterwards.</summary>
    internal static (ExpectedLane[] Result, byte[] Memory) Evaluate(SimdOpcode opcode, SimdCase @case)
    {
        string shape = opcode.Name[..opcode.Name.IndexOf('.')];
        string operation = opcode.Name[(shape.Length + 1)..];
        if (opcode.AccessBytes > 0)
        {
            return Access(opcode, operation, @case);
        }

        int width = shape switch
        {
            "v128" or "i8x16" => 8,
            "i16x8" => 16,
            "i32x4" or "f32x4" => 32,
            _ => 64,
        };
        ExpectedLane[] result = shape == "v128" ? Bitwise(operation, @case)
            : MovedLanes(opcode, operation, width, @case)
                ?? Converted(operation, width, @case)
                ?? (shape[0] == 'f' ? Float(operation, width, @case) : Integer(operation, width, @case));
        return (result, @case.Memory);
    }

    private static (ExpectedLane[] Result, byte[] Memory) Access(SimdOpcode opcode, string operation, SimdCase @case)
    {
        int width = opcode.AccessBytes * 8;
        byte[] memory = [.. @case.Memory];
        byte[] value = [.. @case.B];
        int lane = @case.Lane(opcode) * opcode.AccessBytes;
        ulong[] loaded = Enumerable.Range(0, SimdCase.VectorBytes).Select(i => (ulong)memory[i]).ToArray();
        switch (operation)
        {
            case "load":
                return (Lanes(8, i => loaded[i]), memory);
            case "store":
                return ([], value);
            case "load8_splat" or "load16_splat" or "load32_splat" or "load64_splat":
                return (Lanes(8, i => loaded[i % opcode.AccessBytes]), memory);
            case "load32_zero" or "load64_zero":
                return (Lanes(8, i => i < opcode.AccessBytes ? loaded[i] : 0), memory);
            case "load8x8_s":
                return (Integers(16, i => Signed(memory, 8, i)), memory);
            case "load8x8_u":
                return (Integers(16, i => Unsigned(memory, 8, i)), memory);
            case "load16x4_s":
                return (Integers(32, i => Signed(memory, 16, i)), memory);
            case "load16x4_u":
                return (Integers(32, i => Unsigned(memory, 16, i)), memory);
            case "load32x2_s":
                return (Integers(64, i => Signed(memory, 32, i)), memory);
            case "load32x2_u":
                return (Integers(64, i => Unsigned(memory, 32, i)), memory);
            case "load8_lane" or "load16_lane" or "load32_lane" or "load64_lane":
                memory.AsSpan(0, width / 8).CopyTo(value.AsSpan(lane));
                return (Lanes(8, i => value[i]), memory);
            case "store8_lane" or "store16_lane" or "store32_lane" or "store64_lane":
                value.AsSpan(lane, width / 8).CopyTo(memory);
                return ([], memory);
            default:
                throw Unknown(operation);
        }
    }

    private static ExpectedLane[] Bitwise(string operation, SimdCase @case)
    {
        (byte[] a, byte[] b, byte[] c) = (@case.A, @case.B, @case.C);
        return operation switch
        {
            "const" => Lanes(8, i => a[i]),
            "not" => Lanes(8, i => 255UL - a[i]),
            "and" => Lanes(8, i => (ulong)(a[i] & b[i])),
            "andnot" => Lanes(8, i => a[i] & (255UL - b[i])),
            "or" => Lanes(8, i => (ulong)(a[i] | b[i])),
            "xor" => Lanes(8, i => (ulong)(a[i] ^ b[i])),
            "bitselect" => Lanes(8, i => (a[i] & (ulong)c[i]) | (b[i] & (255UL - c[i]))),
            "any_true" => [I32(a.Any(lane => lane != 0) ? 1 : 0)],
            _ => throw Unknown(operation),
        };
    }

    private static ExpectedLane[]? MovedLanes(SimdOpcode opcode, string operation, int width, SimdCase @case)
    {
        (byte[] a, byte[] b) = (@case.A, @case.B);
        int lane = @case.Lane(opcode);
        return operation switch
        {
            "splat" => Lanes(width, _ => Bits(a, width, 0)),
            "extract_lane" => [new ExpectedLane(width, LanePattern.Exact, Bits(a, width, lane))],
            "extract_lane_s" => [I32(Signed(a, width, lane))],
            "extract_lane_u" => [I32(Unsigned(a, width, lane))],
            "replace_lane" => Lanes(width, i => i == lane ? Bits(b, width, 0) : Bits(a, width, i)),
            "swizzle" => Lanes(8, i => b[i] < 16 ? a[b[i]] : 0UL),
            "shuffle" => Lanes(8, i => @case.Lanes[i] < 16 ? a[@case.Lanes[i]] : b[@case.Lanes[i] - 16]),
            _ => null,
        };
    }

    private static ExpectedLane[]? Converted(string operation, int width, SimdCase @case)
    {
        byte[] a = @case.A;
        return operation switch
        {
            "trunc_sat_f32x4_s" => Integers(32, i => Truncated(Value(a, 32, i), int.MinValue, int.MaxValue)),
            "trunc_sat_f32x4_u" => Integers(32, i => Truncated(Value(a, 32, i), 0, uint.MaxValue)),
            "trunc_sat_f64x2_s_zero" => Integers(32, i => i < 2 ? Truncated(Value(a, 64, i), int.MinValue, int.MaxValue) : 0),
            "trunc_sat_f64x2_u_zero" => Integers(32, i => i < 2 ? Truncated(Value(a, 64, i), 0, uint.MaxValue) : 0),
            "convert_i32x4_s" or "convert_low_i32x4_s" => Floats(width, i => (double)Signed(a, 32, i)),
            "convert_i32x4_u" or "convert_low_i32x4_u" => Floats(width, i => (double)Unsigned(a, 32, i)),
            "demote_f64x2_zero" => Each(32, i => i < 2 ? Number(32, Value(a, 64, i), 64, Bits(a, 64, i)) : Number(32, 0)),
            "promote_low_f32x4" => Each(64, i => Number(64, Value(a, 32, i), 32, Bits(a, 32, i))),
            _ => null,
        };
    }

    private static ExpectedLane[] Integer(string operation, int width, SimdCase @case)
    {
        (byte[] a, byte[] b) = (@case.A, @case.B);
        int count = 128 / width;
        int half = width / 2;
        int shift = (int)(Bits(b, 32, 0) % (ulong)width);
        Int128 S(byte[] vector, int lane) => Signed(vector, width, lane);
        Int128 U(byte[] vector, int lane) => Unsigned(vector, width, lane);
        Int128 SaturatedS(Int128 value) => Int128.Clamp(value, -Power(width - 1), Power(width - 1) - 1);
        Int128 SaturatedU(Int128 value) => Int128.Clamp(value, 0, Power(width) - 1);
        ExpectedLane[] Relation(Func<int, bool> holds) => Integers(width, i => holds(i) ? -1 : 0);

        // The source lanes of narrow are twice as wide, those of the extending operations half as wide.
        Int128 Wide(int lane) => Signed(lane < count / 2 ? a : b, width * 2, lane % (count / 2));
        Int128 HalfS(byte[] vector, int lane) => Signed(vector, half, lane);
        Int128 HalfU(byte[] vector, int lane) => Unsigned(vector, half, lane);

        // extend_low_i8x16_s and extend_low_i16x8_s are one operation, on lanes half as wide as the result's.
        string kind = operation
            .Replace("_i8x16", "", StringComparison.Ordinal)
            .Replace("_i16x8", "", StringComparison.Ordinal)
            .Replace("_i32x4", "", StringComparison.Ordinal);
        return kind switch
        {
            "add" => Integers(width, i => U(a, i) + U(b, i)),
            "sub" => Integers(width, i => U(a, i) - U(b, i)),
            "mul" => Integers(width, i => S(a, i) * S(b, i)),
            "neg" => Integers(width, i => -S(a, i)),
            "abs" => Integers(width, i => Int128.Abs(S(a, i))),
            "popcnt" => Integers(width, i => BitOperations.PopCount(Bits(a, width, i))),
            "add_sat_s" => Integers(width, i => SaturatedS(S(a, i) + S(b, i))),
            "add_sat_u" => Integers(width, i => SaturatedU(U(a, i) + U(b, i))),
            "sub_sat_s" => Integers(width, i => SaturatedS(S(a, i) - S(b, i))),
            "sub_sat_u" => Integers(width, i => SaturatedU(U(a, i) - U(b, i))),
            "min_s" => Integers(width, i => Int128.Min(S(a, i), S(b, i))),
            "min_u" => Integers(width, i => Int128.Min(U(a, i), U(b, i))),
            "max_s" => Integers(width, i => Int128.Max(S(a, i), S(b, i))),
            "max_u" => Integers(width, i => Int128.Max(U(a, i), U(b, i))),
            "avgr_u" => Integers(width, i => (U(a, i) + U(b, i) + 1) / 2),
            "q15mulr_sat_s" => Integers(width, i => SaturatedS(((S(a, i) * S(b, i)) + Power(14)) >> 15)),
            "shl" => Integers(width, i => U(a, i) << shift),
            "shr_s" => Integers(width, i => S(a, i) >> shift),
            "shr_u" => Integers(width, i => U(a, i) >> shift),
            "eq" => Relation(i => U(a, i) == U(b, i)),
            "ne" => Relation(i => U(a, i) != U(b, i)),
            "lt_s" => Relation(i => S(a, i) < S(b, i)),
            "lt_u" => Relation(i => U(a, i) < U(b, i)),
            "gt_s" => Relation(i => S(a, i) > S(b, i)),
            "gt_u" => Relation(i => U(a, i) > U(b, i)),
            "le_s" => Relation(i => S(a, i) <= S(b, i)),
            "le_u" => Relation(i => U(a, i) <= U(b, i)),
            "ge_s" => Relation(i => S(a, i) >= S(b, i)),
            "ge_u" => Relation(i => U(a, i) >= U(b, i)),
            "all_true" => [I32(Enumerable.Range(0, count).All(i => U(a, i) != 0) ? 1 : 0)],
            "bitmask" => [I32(Enumerable.Range(0, count).Aggregate(Int128.Zero, (mask, i) => mask + (S(a, i) < 0 ? Power(i) : 0)))],
            "narrow_s" => Integers(width, i => SaturatedS(Wide(i))),
            "narrow_u" => Integers(width, i => SaturatedU(Wide(i))),
            "extend_low_s" => Integers(width, i => HalfS(a, i)),
            "extend_high_s" => Integers(width, i => HalfS(a, count + i)),
            "extend_low_u" => Integers(width, i => HalfU(a, i)),
            "extend_high_u" => Integers(width, i => HalfU(a, count + i)),
            "extmul_low_s" => Integers(width, i => HalfS(a, i) * HalfS(b, i)),
            "extmul_high_s" => Integers(width, i => HalfS(a, count + i) * HalfS(b, count + i)),
            "extmul_low_u" => Integers(width, i => HalfU(a, i) * HalfU(b, i)),
            "extmul_high_u" => Integers(width, i => HalfU(a, count + i) * HalfU(b, count + i)),
            "extadd_pairwise_s" => Integers(width, i => HalfS(a, 2 * i) + HalfS(a, (2 * i) + 1)),
            "extadd_pairwise_u" => Integers(width, i => HalfU(a, 2 * i) + HalfU(a, (2 * i) + 1)),
            "dot_s" => Integers(width, i => (HalfS(a, 2 * i) * HalfS(b, 2 * i)) + (HalfS(a, (2 * i) + 1) * HalfS(b, (2 * i) + 1))),
            _ => throw Unknown(operation),
        };
    }

    private static ExpectedLane[] Float(string operation, int width, SimdCase @case)
    {
        (byte[] a, byte[] b) = (@case.A, @case.B);
        ulong sign = 1UL << (width - 1);
        double X(int lane) => Value(a, width, lane);
        double Y(int lane) => Value(b, width, lane);
        ExpectedLane[] Unary(Func<double, double> apply) => Each(width, i => Number(width, apply(X(i)), width, Bits(a, width, i)));
        ExpectedLane[] Binary(Func<double, double, double> apply) =>
            Each(width, i => Number(width, apply(X(i), Y(i)), width, Bits(a, width, i), Bits(b, width, i)));
        ExpectedLane[] Relation(Func<int, bool> holds) => Integers(width, i => holds(i) ? -1 : 0);
        return operation switch
        {
            "add" => Binary((x, y) => x + y),
            "sub" => Binary((x, y) => x - y),
            "mul" => Binary((x, y) => x * y),
            "div" => Binary((x, y) => x / y),
            "sqrt" => Unary(Math.Sqrt),
            "min" => Binary((x, y) => x == y ? (double.IsNegative(x) ? x : y) : x < y ? x : y),
            "max" => Binary((x, y) => x == y ? (double.IsNegative(x) ? y : x) : x > y ? x : y),
            "ceil" => Unary(Math.Ceiling),
            "floor" => Unary(Math.Floor),
            "trunc" => Unary(Math.Truncate),
            "nearest" => Unary(x => Math.Round(x, MidpointRounding.ToEven)),
            "abs" => Lanes(width, i => Bits(a, width, i) & ~sign),
            "neg" => Lanes(width, i => Bits(a, width, i) ^ sign),
            "pmin" => Lanes(width, i => Y(i) < X(i) ? Bits(b, width, i) : Bits(a, width, i)),
            "pmax" => Lanes(width, i => X(i) < Y(i) ? Bits(b, width, i) : Bits(a, width, i)),
            "eq" => Relation(i => X(i) == Y(i)),
            "ne" => Relation(i => X(i) != Y(i)),
            "lt" => Relation(i => X(i) < Y(i)),
            "gt" => Relation(i => X(i) > Y(i)),
            "le" => Relation(i => X(i) <= Y(i)),
            "ge" => Relation(i => X(i) >= Y(i)),
            _ => throw Unknown(operation),
        };
    }

    private static Int128 Truncated(double value, Int128 minimum, Int128 maximum)
    {
        if (double.IsNaN(value))
        {
            return 0;
        }

        // Beyond 2^100 either bound is passed already, and Int128 could not hold the value.
        return Int128.Clamp((Int128)Math.Truncate(Math.Clamp(value, -Math.Pow(2, 100), Math.Pow(2, 100))), minimum, maximum);
    }

    private static double Value(byte[] vector, int width, int lane)
    {
        ulong bits = Bits(vector, width, lane);
        return width == 32 ? BitConverter.UInt32BitsToSingle((uint)bits) : BitConverter.UInt64BitsToDouble(bits);
    }

    // The NaN rule of core spec 4.3.3: canonical if every NaN among the operands is canonical.
    private static ExpectedLane Number(int width, double value, int operandWidth = 0, params ReadOnlySpan<ulong> operands)
    {
        ulong bits = width == 32 ? BitConverter.SingleToUInt32Bits((float)value) : BitConverter.DoubleToUInt64Bits(value);
        bool anyNaN = double.IsNaN(value);
        bool onlyCanonical = true;
        foreach (ulong operand in operands)
        {
            (ulong infinity, ulong canonical) = operandWidth == 32
                ? (0x7F80_0000UL, 0x7FC0_0000UL)
                : (0x7FF0_0000_0000_0000UL, 0x7FF8_0000_0000_0000UL);
            ulong magnitude = operand & ((1UL << (operandWidth - 1)) - 1);
            bool isNaN = magnitude > infinity;
            anyNaN |= isNaN;
            onlyCanonical &= !isNaN || magnitude == canonical;
        }

        LanePattern pattern = !anyNaN ? LanePattern.Exact : onlyCanonical ? LanePattern.CanonicalNaN : LanePattern.ArithmeticNaN;
        return new ExpectedLane(width, pattern, bits);
    }

    private static ExpectedLane I32(Int128 value) => new(32, LanePattern.Exact, Wrapped(value, 32));

    private static ulong Wrapped(Int128 value, int width) => (ulong)(value & (Power(width) - 1));

    private static ExpectedLane[] Each(int width, Func<int, ExpectedLane> lane) => Enumerable.Range(0, 128 / width).Select(lane).ToArray();

    private static ExpectedLane[] Lanes(int width, Func<int, ulong> lane) =>
        Each(width, i => new ExpectedLane(width, LanePattern.Exact, lane(i)));

    private static ExpectedLane[] Integers(int width, Func<int, Int128> lane) => Lanes(width, i => Wrapped(lane(i), width));

    private static ExpectedLane[] Floats(int width, Func<int, double> lane) => Each(width, i => Number(width, lane(i)));

    private static ArgumentException Unknown(string operation) => new($"There is no scalar definition of {operation}.");
}
