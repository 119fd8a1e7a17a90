using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Compilation;

/// <summary>
/// The runtime's compiler computes what it can beforehand. An instruction on constants must give what it gives on
/// parameters, bit for bit, whatever looks at the result.
/// </summary>
[Trait("Category", "Slow")]
public sealed class ConstantFoldingTests
{
    private static readonly int[] _i32 = [0, 1, -1, 7, 31, 32, 255, 0x8000, int.MaxValue, int.MinValue];

    private static readonly long[] _i64 = [0, 1, -1, 7, 63, 64, uint.MaxValue, int.MinValue, long.MaxValue, long.MinValue];

    private static readonly double[] _floats =
        [0, -0.0, 1.5, -1.5, 2_147_483_647, 2_147_483_648, 4_294_967_295, -2_147_483_648, 1e10, 1e20, -1e20, double.PositiveInfinity];

    private static readonly Dictionary<string, (ValueKind From, ValueKind To, Action<Code> Emit)> _consumers = new()
    {
        ["nothing"] = (ValueKind.I32, ValueKind.I32, _ => { }
        ),
        ["div_s"] = (ValueKind.I32, ValueKind.I32, c => c.GlobalGet(0).Emit(Op.I32DivS)),
        ["div_u"] = (ValueKind.I32, ValueKind.I32, c => c.GlobalGet(0).Emit(Op.I32DivU)),
        ["rem_s"] = (ValueKind.I32, ValueKind.I32, c => c.GlobalGet(0).Emit(Op.I32RemS)),
        ["div_s 16"] = (ValueKind.I32, ValueKind.I32, c => c.I32(16).Emit(Op.I32DivS)),
        ["shr_s"] = (ValueKind.I32, ValueKind.I32, c => c.I32(4).Emit(Op.I32ShrS)),
        ["shr_u"] = (ValueKind.I32, ValueKind.I32, c => c.I32(4).Emit(Op.I32ShrU)),
        ["lt_s"] = (ValueKind.I32, ValueKind.I32, c => c.GlobalGet(0).Emit(Op.I32LtS)),
        ["lt_u"] = (ValueKind.I32, ValueKind.I32, c => c.GlobalGet(0).Emit(Op.I32LtU)),
        ["gt_s 5"] = (ValueKind.I32, ValueKind.I32, c => c.I32(5).Emit(Op.I32GtS)),
        ["eq -1"] = (ValueKind.I32, ValueKind.I32, c => c.I32(-1).Emit(Op.I32Eq)),
        ["eqz"] = (ValueKind.I32, ValueKind.I32, c => c.Emit(Op.I32Eqz)),
        ["extend_s"] = (ValueKind.I32, ValueKind.I64, c => c.Emit(Op.I64ExtendI32S)),
        ["extend_u"] = (ValueKind.I32, ValueKind.I64, c => c.Emit(Op.I64ExtendI32U)),
        ["convert_s"] = (ValueKind.I32, ValueKind.F64, c => c.Emit(Op.F64ConvertI32S)),
        ["convert_u"] = (ValueKind.I32, ValueKind.F64, c => c.Emit(Op.F64ConvertI32U)),
        ["nothing wide"] = (ValueKind.I64, ValueKind.I64, _ => { }
        ),
        ["wide div_s"] = (ValueKind.I64, ValueKind.I64, c => c.GlobalGet(1).Emit(Op.I64DivS)),
        ["wide shr_s"] = (ValueKind.I64, ValueKind.I64, c => c.I64(4).Emit(Op.I64ShrS)),
        ["wide lt_s"] = (ValueKind.I64, ValueKind.I32, c => c.GlobalGet(1).Emit(Op.I64LtS)),
        ["wide eqz"] = (ValueKind.I64, ValueKind.I32, c => c.Emit(Op.I64Eqz)),
        ["wrap"] = (ValueKind.I64, ValueKind.I32, c => c.Emit(Op.I32WrapI64)),
        ["wide convert_s"] = (ValueKind.I64, ValueKind.F64, c => c.Emit(Op.F64ConvertI64S)),
        ["wide convert_u"] = (ValueKind.I64, ValueKind.F64, c => c.Emit(Op.F64ConvertI64U)),
    };

    public static TheoryData<string> Consumers => [.. _consumers.Keys];

    [Theory]
    [MemberData(nameof(Consumers))]
    public void An_instruction_on_constants_gives_what_it_gives_on_parameters(string consumer)
    {
        var (from, to, consume) = _consumers[consumer];
        var module = new ModuleBuilder();
        module.Global(ValueKind.I32, true, c => c.I32(256));
        module.Global(ValueKind.I64, true, c => c.I64(256));
        var cases = new List<(string Folded, string Computed, WasmValue[] Arguments)>();
        foreach (var (name, kinds, emit) in Producers(from))
        {
            module.Function(name, kinds, [to], c =>
            {
                for (var i = 0; i < kinds.Length; i++)
                {
                    c.Get(i);
                }

                emit(c);
                consume(c);
            });
            foreach (var arguments in Arguments(kinds))
            {
                var folded = $"{name} {string.Join(' ', arguments)}";
                module.Function(folded, [], [to], c =>
                {
                    foreach (var argument in arguments)
                    {
                        Constant(c, argument);
                    }

                    emit(c);
                    consume(c);
                });
                cases.Add((folded, name, arguments));
            }
        }

        using var guest = new Guest(module);
        var wrong = new List<string>();
        foreach (var (folded, computed, arguments) in cases)
        {
            var expected = Outcome(guest, computed, arguments);
            var actual = Outcome(guest, folded);
            if (actual != expected)
            {
                wrong.Add($"{folded}, then {consumer}: {actual} instead of {expected}");
            }
        }

        wrong.Count.ShouldBe(0, string.Join(Environment.NewLine, wrong.Take(20)));
    }

    private static string Outcome(Guest guest, string export, params WasmValue[] arguments)
    {
        try
        {
            return $"{guest.Invoke(export, arguments)[0].Bits}";
        }
        catch (TrapException trap)
        {
            return $"{trap.Code}";
        }
    }

    private static IEnumerable<(string Name, ValueKind[] Kinds, Action<Code> Emit)> Producers(ValueKind kind)
    {
        var narrow = kind == ValueKind.I32;
        for (var op = narrow ? Op.I32Add : Op.I64Add; op <= (narrow ? Op.I32Rotr : Op.I64Rotr); op++)
        {
            var emitted = op;
            yield return ($"{op}", Kinds.Many(kind, 2), c => c.Emit(emitted));
        }

        Op[] singles = narrow
            ? [Op.I32Clz, Op.I32Ctz, Op.I32Popcnt, Op.I32Extend8S, Op.I32Extend16S]
            : [Op.I64Clz, Op.I64Ctz, Op.I64Popcnt, Op.I64Extend8S, Op.I64Extend16S, Op.I64Extend32S];
        foreach (var op in singles)
        {
            yield return ($"{op}", [kind], c => c.Emit(op));
        }

        (Op Op, ValueKind From)[] conversions = narrow
            ?
            [
                (Op.I32WrapI64, ValueKind.I64), (Op.I32TruncF32S, ValueKind.F32), (Op.I32TruncF32U, ValueKind.F32),
                (Op.I32TruncF64S, ValueKind.F64), (Op.I32TruncF64U, ValueKind.F64), (Op.I32ReinterpretF32, ValueKind.F32),
            ]
            :
            [
                (Op.I64ExtendI32S, ValueKind.I32), (Op.I64ExtendI32U, ValueKind.I32), (Op.I64TruncF32S, ValueKind.F32),
                (Op.I64TruncF32U, ValueKind.F32), (Op.I64TruncF64S, ValueKind.F64), (Op.I64TruncF64U, ValueKind.F64),
                (Op.I64ReinterpretF64, ValueKind.F64),
            ];
        foreach (var (op, from) in conversions)
        {
            yield return ($"{op}", [from], c => c.Emit(op));
        }

        for (var i = 0u; i < 4; i++)
        {
            var saturating = i + (narrow ? 0u : 4u);
            yield return ($"saturating {saturating}", i < 2 ? Kinds.F32 : Kinds.F64, c => c.Bulk(saturating));
        }

        // Lanes of splats: the vector is a constant too.
        (uint Splat, uint Extract)[] lanes = narrow ? [(15, 21), (15, 22), (16, 24), (16, 25), (17, 27)] : [(18, 29)];
        foreach (var (splat, extract) in lanes)
        {
            yield return ($"lane {extract}", [kind], c => c.Simd(splat).Simd(extract).Raw(1));
        }

        uint[] tests = narrow ? [83, 99, 100, 131, 132, 163, 164, 195, 196] : [];
        foreach (var test in tests)
        {
            yield return ($"test {test}", Kinds.I32, c => c.Simd(17).Simd(test));
        }
    }

    private static IEnumerable<WasmValue[]> Arguments(ValueKind[] kinds)
    {
        if (kinds.Length == 1)
        {
            return Values(kinds[0]).Select(value => (WasmValue[])[value]);
        }

        return Values(kinds[0]).SelectMany(_ => Values(kinds[1]), (first, second) => (WasmValue[])[first, second]);
    }

    private static IEnumerable<WasmValue> Values(ValueKind kind) => kind switch
    {
        ValueKind.I32 => _i32.Select(WasmValue.FromI32),
        ValueKind.I64 => _i64.Select(WasmValue.FromI64),
        ValueKind.F32 => _floats.Select(value => WasmValue.FromF32((float)value)).Distinct(),
        _ => _floats.Select(WasmValue.FromF64),
    };

    private static void Constant(Code code, WasmValue value)
    {
        switch (value.Kind)
        {
            case ValueKind.I32:
                code.I32(value.I32);
                break;
            case ValueKind.I64:
                code.I64(value.I64);
                break;
            case ValueKind.F32:
                code.F32(value.F32);
                break;
            default:
                code.F64(value.F64);
                break;
        }
    }
}
