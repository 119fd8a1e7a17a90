using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Compilation;

/// <summary>
/// A floating-point constant, however it comes about, has all its bits, and an instruction on it gives what it gives on parameters:
/// none is left out because it would not change a number, since all of them make signaling NaNs quiet.
/// </summary>
[Trait("Category", "Slow")]
public sealed class FloatConstantTests
{
    private static readonly uint[] _f32 =
    [
        0, 0x8000_0000, 0x3F80_0000, 0xBF80_0000, 0x4000_0000, 0x7F80_0000, 1, 0x7FC0_0000, 0x7FA0_0000, 0xFFA0_0001, 0x7F80_0001, 0xFFFF_FFFF,
    ];

    private static readonly ulong[] _f64 =
    [
        0, 0x8000_0000_0000_0000, 0x3FF0_0000_0000_0000, 0xBFF0_0000_0000_0000, 0x4000_0000_0000_0000, 0x7FF0_0000_0000_0000, 1,
        0x7FF8_0000_0000_0000, 0x7FF4_0000_0000_0000, 0xFFF0_0000_0000_0001, 0xFFF0_FFF0_FFF0_FFF0, 0x7FA0_0000_7FA0_0000,
    ];

    // abs to copysign, and what makes another type of it.
    private static readonly Op[] _unaryF32 = [Op.F32Abs, Op.F32Neg, Op.F32Ceil, Op.F32Floor, Op.F32Trunc, Op.F32Nearest, Op.F32Sqrt];
    private static readonly Op[] _binaryF32 = [Op.F32Add, Op.F32Sub, Op.F32Mul, Op.F32Div, Op.F32Min, Op.F32Max, Op.F32Copysign];
    private static readonly Op[] _unaryF64 = [Op.F64Abs, Op.F64Neg, Op.F64Ceil, Op.F64Floor, Op.F64Trunc, Op.F64Nearest, Op.F64Sqrt];
    private static readonly Op[] _binaryF64 = [Op.F64Add, Op.F64Sub, Op.F64Mul, Op.F64Div, Op.F64Min, Op.F64Max, Op.F64Copysign];

    // How a constant with given bits comes about; null where it cannot.
    private static readonly Dictionary<string, Func<bool, ulong, Action<Code>?>> _origins = new()
    {
        ["const"] = (wide, bits) => c => Constant(c, wide, bits),
        ["reinterpret"] = (wide, bits) => c => _ = wide ? c.I64((long)bits).Emit(Op.F64ReinterpretI64) : c.I32((int)bits).Emit(Op.F32ReinterpretI32),
        ["reinterpret of a sum"] = (wide, bits) => c => _ = wide
            ? c.I64((long)bits - 7).I64(7).Emit(Op.I64Add).Emit(Op.F64ReinterpretI64)
            : c.I32((int)bits - 7).I32(7).Emit(Op.I32Add).Emit(Op.F32ReinterpretI32),
        ["reinterpret of a local"] = (wide, bits) => c =>
        {
            var local = c.Local(wide ? ValueKind.I64 : ValueKind.I32);
            _ = wide
                ? c.I64((long)bits).Set(local).Get(local).Emit(Op.F64ReinterpretI64)
                : c.I32((int)bits).Set(local).Get(local).Emit(Op.F32ReinterpretI32);
        },
        ["a local"] = (wide, bits) => c =>
        {
            var local = c.Local(wide ? ValueKind.F64 : ValueKind.F32);
            Constant(c, wide, bits);
            c.Set(local).Get(local);
        },
        ["a block"] = (wide, bits) => c => c.Block(b => Constant(b, wide, bits), wide ? ValueKind.F64 : ValueKind.F32),
        ["a lane of a constant"] = (wide, bits) => c => _ = wide
            ? c.V128(Vector(0, bits)).Simd(33).Raw(1)
            : c.V128(Vector(bits << 32, 0)).Simd(31).Raw(1),
        ["a lane of a splat"] = (wide, bits) => c => _ = wide
            ? c.I64((long)bits).Simd(18).Simd(33).Raw(1)
            : c.I32((int)bits).Simd(17).Simd(31).Raw(3),
        ["a replaced lane"] = (wide, bits) => c => _ = wide
            ? c.V128(default).I64((long)bits).Simd(30).Raw(1).Simd(33).Raw(1)
            : c.V128(default).I32((int)bits).Simd(28).Raw(1).Simd(31).Raw(1),
        ["negated twice"] = (wide, bits) => c =>
        {
            Constant(c, wide, bits);
            c.Emit(wide ? Op.F64Neg : Op.F32Neg).Emit(wide ? Op.F64Neg : Op.F32Neg);
        },
        ["a local's zero"] = (wide, bits) => bits != 0 ? null : c => c.Get(c.Local(wide ? ValueKind.F64 : ValueKind.F32)),
        ["a vector compared with itself"] = (wide, bits) => bits != 0 ? null : c =>
        {
            var local = c.Local(ValueKind.V128);
            c.I32(64).SimdAccess(0, 0).Tee(local).Get(local).Simd(81).Simd(wide ? 33u : 31u).Raw(1);
        },
        ["a converted integer"] = (wide, bits) =>
        {
            var value = wide ? BitConverter.UInt64BitsToDouble(bits) : BitConverter.UInt32BitsToSingle((uint)bits);
            return value is not (0 or 1 or -1 or 2) || (value == 0 && double.IsNegative(value))
                ? null
                : c => c.I32((int)value).Emit(wide ? Op.F64ConvertI32S : Op.F32ConvertI32S);
        },
        ["a converted sum"] = (wide, bits) =>
        {
            var value = wide ? BitConverter.UInt64BitsToDouble(bits) : BitConverter.UInt32BitsToSingle((uint)bits);
            return value is not (1 or 2)
                ? null
                : c => c.I64((long)value - 1).I64(1).Emit(Op.I64Add).Emit(wide ? Op.F64ConvertI64U : Op.F32ConvertI64U);
        },
        ["a sum"] = (wide, bits) => bits is not (0x3F80_0000 or 0x3FF0_0000_0000_0000)
            ? null
            : c => _ = wide ? c.F64(0.5).F64(0.5).Emit(Op.F64Add) : c.F32(0.5f).F32(0.5f).Emit(Op.F32Add),
    };

    public static TheoryData<string> Origins => [.. _origins.Keys];

    [Theory]
    [MemberData(nameof(Origins))]
    public void It_has_all_its_bits(string origin)
    {
        var module = Module();
        var expected = new Dictionary<string, ulong>();
        foreach (var (wide, bits) in Bits())
        {
            if (_origins[origin](wide, bits) is not { } emit)
            {
                continue;
            }

            var kind = wide ? ValueKind.F64 : ValueKind.F32;
            void Add(string what, ulong outcome, ValueKind result, Action<Code> body)
            {
                var name = $"{what} {bits:X} {wide}";
                module.Function(name, [], [result], body);
                expected.Add(name, outcome);
            }

            Add("returned", bits, kind, emit);
            Add("as an integer", bits, wide ? ValueKind.I64 : ValueKind.I32, c =>
            {
                emit(c);
                c.Emit(wide ? Op.I64ReinterpretF64 : Op.I32ReinterpretF32);
            });
            Add("stored", bits, wide ? ValueKind.I64 : ValueKind.I32, c =>
            {
                c.I32(8);
                emit(c);
                c.Access(wide ? Op.F64Store : Op.F32Store, 0).I32(8).Access(wide ? Op.I64Load : Op.I32Load, 0);
            });
            Add("in a global", bits, wide ? ValueKind.I64 : ValueKind.I32, c =>
            {
                emit(c);
                c.GlobalSet(wide ? 1 : 0).GlobalGet(wide ? 1 : 0).Emit(wide ? Op.I64ReinterpretF64 : Op.I32ReinterpretF32);
            });
            Add("splat", wide ? bits : bits | (bits << 32), ValueKind.I64, c =>
            {
                emit(c);
                c.Simd(wide ? 20u : 19u).Simd(29).Raw(1);
            });
            Add("in a lane", wide ? bits : bits << 32, ValueKind.I64, c =>
            {
                c.V128(default);
                emit(c);
                c.Simd(wide ? 34u : 32u).Raw(1).Simd(29).Raw(wide ? (byte)1 : (byte)0);
            });
        }

        Agree(module, guest => expected.Select(e => (e.Key, e.Value, Outcome(guest, e.Key))));
    }

    [Theory]
    [MemberData(nameof(Origins))]
    public void An_instruction_gives_on_it_what_it_gives_on_a_parameter(string origin)
    {
        var module = Module();
        var pairs = new List<(string Folded, WasmValue[] FoldedArguments, string Computed, WasmValue[] Arguments)>();
        foreach (var wide in new[] { false, true })
        {
            var kind = wide ? ValueKind.F64 : ValueKind.F32;
            foreach (var op in wide ? _unaryF64 : _unaryF32)
            {
                module.Function($"{op}", [kind], [kind], c => c.Get(0).Emit(op));
            }

            foreach (var op in wide ? _binaryF64 : _binaryF32)
            {
                module.Function($"{op}", [kind, kind], [kind], c => c.Get(0).Get(1).Emit(op));
            }

            module.Function($"convert {wide}", [kind], [wide ? ValueKind.F32 : ValueKind.F64], c => c.Get(0).Emit(wide ? Op.F32DemoteF64 : Op.F64PromoteF32));
        }

        foreach (var (wide, bits) in Bits())
        {
            if (_origins[origin](wide, bits) is not { } emit)
            {
                continue;
            }

            var kind = wide ? ValueKind.F64 : ValueKind.F32;
            var value = Value(wide, bits);
            foreach (var op in wide ? _unaryF64 : _unaryF32)
            {
                module.Function($"{op} {bits:X}", [], [kind], c =>
                {
                    emit(c);
                    c.Emit(op);
                });
                pairs.Add(($"{op} {bits:X}", [], $"{op}", [value]));
            }

            module.Function($"convert {bits:X} {wide}", [], [wide ? ValueKind.F32 : ValueKind.F64], c =>
            {
                emit(c);
                c.Emit(wide ? Op.F32DemoteF64 : Op.F64PromoteF32);
            });
            pairs.Add(($"convert {bits:X} {wide}", [], $"convert {wide}", [value]));
            foreach (var op in wide ? _binaryF64 : _binaryF32)
            {
                module.Function($"{op} x, {bits:X}", [kind], [kind], c =>
                {
                    c.Get(0);
                    emit(c);
                    c.Emit(op);
                });
                module.Function($"{op} {bits:X}, x", [kind], [kind], c =>
                {
                    emit(c);
                    c.Get(0).Emit(op);
                });
                foreach (var other in Others(wide, bits))
                {
                    pairs.Add(($"{op} x, {bits:X}", [other], $"{op}", [other, value]));
                    pairs.Add(($"{op} {bits:X}, x", [other], $"{op}", [value, other]));
                }
            }
        }

        Agree(module, guest => pairs.Select(p => (
            $"{p.Folded} ({string.Join(' ', p.FoldedArguments)})",
            Outcome(guest, p.Computed, p.Arguments),
            Outcome(guest, p.Folded, p.FoldedArguments))));
    }

    private static ModuleBuilder Module()
    {
        var module = new ModuleBuilder();
        module.Memory(1);
        module.Global(ValueKind.F32, true, c => c.F32(0));
        module.Global(ValueKind.F64, true, c => c.F64(0));
        return module;
    }

    private static void Agree(ModuleBuilder module, Func<Guest, IEnumerable<(string Name, ulong Expected, ulong Actual)>> run)
    {
        var wasm = module.Build();
        foreach (var metered in new[] { false, true })
        {
            using var guest = new Guest(wasm, options: new CompileOptions { MeterFuel = metered });
            guest.Store.Fuel = metered ? long.MaxValue : guest.Store.Fuel;
            var wrong = run(guest).Where(o => o.Actual != o.Expected).Select(o => $"{o.Name}: {o.Actual:X} instead of {o.Expected:X}").ToList();
            wrong.ShouldBeEmpty($"metered: {metered}");
        }
    }

    private static ulong Outcome(Guest guest, string export, params WasmValue[] arguments)
    {
        var value = guest.Invoke(export, arguments)[0];
        return value.Kind is ValueKind.I32 or ValueKind.F32 ? (uint)value.Bits : (ulong)value.Bits;
    }

    private static IEnumerable<(bool Wide, ulong Bits)> Bits() =>
        _f32.Select(bits => (false, (ulong)bits)).Concat(_f64.Select(bits => (true, bits)));

    // Of two NaNs an instruction may give either: one is enough.
    private static IEnumerable<WasmValue> Others(bool wide, ulong bits) =>
        Bits().Where(b => b.Wide == wide && !(IsNaN(wide, bits) && IsNaN(wide, b.Bits))).Select(b => Value(wide, b.Bits));

    private static bool IsNaN(bool wide, ulong bits) =>
        wide ? double.IsNaN(BitConverter.UInt64BitsToDouble(bits)) : float.IsNaN(BitConverter.UInt32BitsToSingle((uint)bits));

    private static WasmValue Value(bool wide, ulong bits) =>
        wide ? WasmValue.FromF64(BitConverter.UInt64BitsToDouble(bits)) : WasmValue.FromF32(BitConverter.UInt32BitsToSingle((uint)bits));

    private static void Constant(Code code, bool wide, ulong bits) =>
        _ = wide ? code.F64(BitConverter.UInt64BitsToDouble(bits)) : code.F32(BitConverter.UInt32BitsToSingle((uint)bits));

    private static System.Runtime.Intrinsics.Vector128<byte> Vector(ulong low, ulong high) =>
        System.Runtime.Intrinsics.Vector128.AsByte(System.Runtime.Intrinsics.Vector128.Create(low, high));
}
