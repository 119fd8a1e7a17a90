using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Safety;

/// <summary>Division and truncation trap as specified, also where an operand is a constant, and never with a host exception.</summary>
public sealed class ArithmeticTrapTests
{
    [Fact]
    public void Division_of_i32_traps_on_zero_and_on_overflow()
    {
        int[] numbers = [0, 1, -1, 2, 7, -7, int.MaxValue, int.MinValue, int.MinValue + 1];
        var module = new ModuleBuilder();
        Op[] ops = [Op.I32DivS, Op.I32DivU, Op.I32RemS, Op.I32RemU];
        foreach (var op in ops)
        {
            module.Function($"{op}", Kinds.Many(ValueKind.I32, 2), Kinds.I32, c => c.Get(0).Get(1).Emit(op));
            foreach (var number in numbers)
            {
                module.Function($"{op} by {number}", Kinds.I32, Kinds.I32, c => c.Get(0).I32(number).Emit(op));
                module.Function($"{op} of {number}", Kinds.I32, Kinds.I32, c => c.I32(number).Get(0).Emit(op));
            }
        }

        using var guest = new Guest(module);
        foreach (var op in ops)
        {
            foreach (var a in numbers)
            {
                foreach (var b in numbers)
                {
                    var (trap, result) = op switch
                    {
                        _ when b == 0 => (TrapCode.IntegerDivideByZero, 0),
                        Op.I32DivS when a == int.MinValue && b == -1 => (TrapCode.IntegerOverflow, 0),
                        Op.I32RemS when b == -1 => ((TrapCode?)null, 0),
                        Op.I32DivS => (null, a / b),
                        Op.I32DivU => (null, (int)((uint)a / (uint)b)),
                        Op.I32RemS => (null, a % b),
                        _ => (null, (int)((uint)a % (uint)b)),
                    };
                    Check(guest, trap, WasmValue.FromI32(result), $"{op}", WasmValue.FromI32(a), WasmValue.FromI32(b));
                    Check(guest, trap, WasmValue.FromI32(result), $"{op} by {b}", WasmValue.FromI32(a));
                    Check(guest, trap, WasmValue.FromI32(result), $"{op} of {a}", WasmValue.FromI32(b));
                }
            }
        }
    }

    [Fact]
    public void Division_of_i64_traps_on_zero_and_on_overflow()
    {
        long[] numbers = [0, 1, -1, 2, 7, -7, int.MinValue, long.MaxValue, long.MinValue, long.MinValue + 1];
        var module = new ModuleBuilder();
        Op[] ops = [Op.I64DivS, Op.I64DivU, Op.I64RemS, Op.I64RemU];
        foreach (var op in ops)
        {
            module.Function($"{op}", Kinds.Many(ValueKind.I64, 2), Kinds.I64, c => c.Get(0).Get(1).Emit(op));
            foreach (var number in numbers)
            {
                module.Function($"{op} by {number}", Kinds.I64, Kinds.I64, c => c.Get(0).I64(number).Emit(op));
                module.Function($"{op} of {number}", Kinds.I64, Kinds.I64, c => c.I64(number).Get(0).Emit(op));
            }
        }

        using var guest = new Guest(module);
        foreach (var op in ops)
        {
            foreach (var a in numbers)
            {
                foreach (var b in numbers)
                {
                    var (trap, result) = op switch
                    {
                        _ when b == 0 => (TrapCode.IntegerDivideByZero, 0),
                        Op.I64DivS when a == long.MinValue && b == -1 => (TrapCode.IntegerOverflow, 0),
                        Op.I64RemS when b == -1 => ((TrapCode?)null, 0L),
                        Op.I64DivS => (null, a / b),
                        Op.I64DivU => (null, (long)((ulong)a / (ulong)b)),
                        Op.I64RemS => (null, a % b),
                        _ => (null, (long)((ulong)a % (ulong)b)),
                    };
                    Check(guest, trap, WasmValue.FromI64(result), $"{op}", WasmValue.FromI64(a), WasmValue.FromI64(b));
                    Check(guest, trap, WasmValue.FromI64(result), $"{op} by {b}", WasmValue.FromI64(a));
                    Check(guest, trap, WasmValue.FromI64(result), $"{op} of {a}", WasmValue.FromI64(b));
                }
            }
        }
    }

    [Fact]
    public void A_dropped_division_still_traps()
    {
        var module = new ModuleBuilder();
        module.Function("i32", Kinds.I32, [], c => c.I32(1).Get(0).Emit(Op.I32DivS, Op.Drop));
        module.Function("i64", Kinds.I64, [], c => c.I64(long.MinValue).Get(0).Emit(Op.I64DivS, Op.Drop));
        module.Function("truncation", Kinds.F32, [], c => c.Get(0).Emit(Op.I32TruncF32S, Op.Drop));
        module.Function("load", Kinds.I32, [], c => c.Get(0).Access(Op.I32Load, 0).Emit(Op.Drop));
        module.Memory(1);
        using var guest = new Guest(module);
        guest.Trap(TrapCode.IntegerDivideByZero, "i32", 0);
        guest.TrapOf(TrapCode.IntegerOverflow, "i64", WasmValue.FromI64(-1));
        guest.TrapOf(TrapCode.InvalidConversionToInteger, "truncation", WasmValue.FromF32(float.NaN));
        guest.Trap(TrapCode.MemoryOutOfBounds, "load", -1);
    }

    [Fact]
    public void Truncation_traps_outside_the_integers_range_and_on_nan_and_saturates_where_asked()
    {
        double[] numbers =
        [
            0, -0.0, 0.5, -0.5, -0.999_999_9, -1, 1.5, -1.5, 2_147_483_647, 2_147_483_647.5, 2_147_483_648, -2_147_483_648,
            -2_147_483_648.5, -2_147_483_649, 4_294_967_295, 4_294_967_295.5, 4_294_967_296, 9.223372036854775e18,
            9.223372036854776e18, -9.223372036854776e18, -9.223372036854778e18, 1.8446744073709550e19, 1.8446744073709552e19,
            1e30, -1e30, double.MaxValue, double.MinValue, double.Epsilon, double.PositiveInfinity, double.NegativeInfinity,
            double.NaN, 2_147_483_520f, -2_147_483_904f, 4_294_967_040f, 9.223371487098962e18f,
        ];
        (Op Op, uint Saturating, decimal Least, decimal Most, bool Wide, bool FromSingle)[] ops =
        [
            (Op.I32TruncF32S, 0, int.MinValue, int.MaxValue, false, true),
            (Op.I32TruncF32U, 1, 0, uint.MaxValue, false, true),
            (Op.I32TruncF64S, 2, int.MinValue, int.MaxValue, false, false),
            (Op.I32TruncF64U, 3, 0, uint.MaxValue, false, false),
            (Op.I64TruncF32S, 4, long.MinValue, long.MaxValue, true, true),
            (Op.I64TruncF32U, 5, 0, ulong.MaxValue, true, true),
            (Op.I64TruncF64S, 6, long.MinValue, long.MaxValue, true, false),
            (Op.I64TruncF64U, 7, 0, ulong.MaxValue, true, false),
        ];
        var module = new ModuleBuilder();
        foreach (var (op, saturating, _, _, wide, single) in ops)
        {
            var from = single ? Kinds.F32 : Kinds.F64;
            var to = wide ? Kinds.I64 : Kinds.I32;
            module.Function($"{op}", from, to, c => c.Get(0).Emit(op));
            module.Function($"saturating {op}", from, to, c => c.Get(0).Bulk(saturating));
            foreach (var number in numbers)
            {
                module.Function($"{op} of {Bits(number)}", [], to, c => Constant(c, number, single).Emit(op));
                module.Function($"saturating {op} of {Bits(number)}", [], to, c => Constant(c, number, single).Bulk(saturating));
            }
        }

        using var guest = new Guest(module);
        foreach (var (op, _, least, most, wide, single) in ops)
        {
            foreach (var number in numbers)
            {
                var value = single ? (float)number : number;
                var argument = single ? WasmValue.FromF32((float)number) : WasmValue.FromF64(number);
                TrapCode? trap = double.IsNaN(value) ? TrapCode.InvalidConversionToInteger
                    : Math.Abs(value) > 1e25 || Truncated(value) < least || Truncated(value) > most ? TrapCode.IntegerOverflow
                    : null;
                var saturated = double.IsNaN(value) ? 0
                    : trap is null ? Truncated(value)
                    : value < 0 ? least : most;
                var result = Integer(saturated, wide);
                Check(guest, trap, result, $"{op}", argument);
                Check(guest, trap, result, $"{op} of {Bits(number)}");
                Check(guest, null, result, $"saturating {op}", argument);
                Check(guest, null, result, $"saturating {op} of {Bits(number)}");
            }
        }
    }

    private static string Bits(double number) => BitConverter.DoubleToUInt64Bits(number).ToString("X16");

    private static Code Constant(Code code, double number, bool single) => single ? code.F32((float)number) : code.F64(number);

    // Decimal holds every integer of the ranges at hand without rounding.
    private static decimal Truncated(double value) => (decimal)(System.Numerics.BigInteger)Math.Truncate(value);

    private static WasmValue Integer(decimal value, bool wide) =>
        wide
            ? WasmValue.FromI64(value < 0 ? (long)value : unchecked((long)(ulong)value))
            : WasmValue.FromI32(value < 0 ? (int)value : unchecked((int)(uint)value));

    private static void Check(Guest guest, TrapCode? expected, WasmValue result, string export, params WasmValue[] arguments)
    {
        TrapCode? code = null;
        WasmValue actual = default;
        try
        {
            actual = guest.Invoke(export, arguments)[0];
        }
        catch (TrapException trap)
        {
            code = trap.Code;
        }

        if (code != expected || (expected is null && !actual.Equals(result)))
        {
            Assert.Fail(
                $"{export}({string.Join(", ", arguments)}): {code?.ToString() ?? actual.ToString()} instead of "
                + (expected?.ToString() ?? result.ToString()));
        }
    }
}
