using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Compilation;

/// <summary>
/// A result that is compared with zero at once: the machine code may use the flags of the instruction that made the result
/// only where that instruction sets them, which rotation does not, nor counting trailing zeros on processors without BMI1.
/// </summary>
public sealed class ZeroTestTests
{
    private static readonly Op[] _i32 =
    [
        Op.I32Add, Op.I32Sub, Op.I32Mul, Op.I32And, Op.I32Or, Op.I32Xor, Op.I32Shl, Op.I32ShrS, Op.I32ShrU, Op.I32Rotl, Op.I32Rotr,
        Op.I32RemU, Op.I32DivU, Op.I32RemS,
    ];

    private static readonly Op[] _i64 =
    [
        Op.I64Add, Op.I64Sub, Op.I64Mul, Op.I64And, Op.I64Or, Op.I64Xor, Op.I64Shl, Op.I64ShrS, Op.I64ShrU, Op.I64Rotl, Op.I64Rotr,
        Op.I64RemU, Op.I64DivU, Op.I64RemS,
    ];

    private static readonly Op[] _i32Counts = [Op.I32Clz, Op.I32Ctz, Op.I32Popcnt];

    private static readonly Op[] _i64Counts = [Op.I64Clz, Op.I64Ctz, Op.I64Popcnt];

    private static readonly int[] _constants = [1, 3, 8, 31, 33];

    private static readonly int[] _values = [0, 1, -1, 2, 31, 8, int.MinValue, int.MaxValue, 1 << 24];

    public static TheoryData<string> Tests => ["if", "br_if", "eqz", "select", "eq 0", "ne 0", "lt_s 0", "ge_s 0", "gt_s 0", "le_s 0", "lt_u 1", "local", "two locals", "kept local"];

    [Theory]
    [InlineData((byte)Op.I32Or)]
    [InlineData((byte)Op.I32Xor)]
    [InlineData((byte)Op.I32Add)]
    public void A_rotation_written_as_two_shifts_is_tested_too(byte join)
    {
        var module = new ModuleBuilder();
        module.Function("constant", Kinds.I32, Kinds.I32, c => c
            .Get(0).I32(5).Emit(Op.I32Shl).Get(0).I32(27).Emit(Op.I32ShrU).Emit((Op)join).Emit(Op.I32Eqz));
        module.Function("hidden", Kinds.I32, Kinds.I32, c =>
        {
            var left = c.Local(ValueKind.I32);
            var right = c.Local(ValueKind.I32);
            c.I32(5).Set(left).I32(27).Set(right)
                .Get(0).Block(b => b.Get(left), ValueKind.I32).Emit(Op.I32Shl)
                .Get(0).Block(b => b.Get(right), ValueKind.I32).Emit(Op.I32ShrU)
                .Emit((Op)join).If(t => t.I32(0), e => e.I32(1), ValueKind.I32);
        });
        module.Function("variable", Kinds.Many(ValueKind.I32, 2), Kinds.I32, c => c
            .Get(0).Get(1).Emit(Op.I32Shl).Get(0).I32(32).Get(1).Emit(Op.I32Sub).Emit(Op.I32ShrU).Emit((Op)join).Emit(Op.I32Eqz));
        using var guest = new Guest(module);
        foreach (var value in _values)
        {
            foreach (var export in new[] { "constant", "hidden" })
            {
                guest.Call(export, value).ShouldBe(value == 0 ? 1 : 0, $"{export} {value}");
            }

            guest.Call("variable", value, 5).ShouldBe(value == 0 ? 1 : 0, $"variable {value}");
        }
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public void A_result_is_tested_and_not_the_flags_of_what_made_it(string test)
    {
        var module = new ModuleBuilder();
        foreach (var op in _i32)
        {
            module.Function($"{op}", Kinds.Many(ValueKind.I32, 2), Kinds.I32, c => c.Get(0).Get(1).Emit(op));
            foreach (var constant in _constants)
            {
                module.Function($"{op} {constant} value", Kinds.I32, Kinds.I32, c => c.Get(0).I32(constant).Emit(op));
                module.Function($"{op} {constant}", Kinds.I32, Kinds.I32, c => Test(c, test, wide: false, v => v.Get(0).I32(constant).Emit(op)));
                module.Function($"{op} hidden {constant}", Kinds.I32, Kinds.I32, c =>
                {
                    var hidden = c.Local(ValueKind.I32);
                    c.I32(constant).Set(hidden);
                    Test(c, test, wide: false, v => v.Get(0).Block(b => b.Get(hidden), ValueKind.I32).Emit(op));
                });
            }
        }

        foreach (var op in _i64)
        {
            foreach (var constant in _constants)
            {
                module.Function($"{op} {constant} value", Kinds.I64, Kinds.I64, c => c.Get(0).I64(constant).Emit(op));
                module.Function($"{op} {constant}", Kinds.I64, Kinds.I32, c => Test(c, test, wide: true, v => v.Get(0).I64(constant).Emit(op)));
                module.Function($"{op} hidden {constant}", Kinds.I64, Kinds.I32, c =>
                {
                    var hidden = c.Local(ValueKind.I64);
                    c.I64(constant).Set(hidden);
                    Test(c, test, wide: true, v => v.Get(0).Block(b => b.Get(hidden), ValueKind.I64).Emit(op));
                });
            }
        }

        using var guest = new Guest(module);
        foreach (var constant in _constants)
        {
            foreach (var value in _values)
            {
                foreach (var op in _i32)
                {
                    var result = guest.Call($"{op} {constant} value", value);
                    guest.Call($"{op} {constant}", value).ShouldBe(Expected(test, result), $"{test} of {op}({value}, {constant}) = {result}");
                    guest.Call($"{op} hidden {constant}", value).ShouldBe(Expected(test, result), $"{test} of {op}({value}, hidden {constant}) = {result}");
                }

                foreach (var op in _i64)
                {
                    var argument = WasmValue.FromI64(value);
                    var result = guest.Invoke($"{op} {constant} value", argument)[0].I64;
                    guest.Invoke($"{op} {constant}", argument)[0].I32.ShouldBe(Expected(test, result), $"{test} of {op}({value}, {constant}) = {result}");
                    guest.Invoke($"{op} hidden {constant}", argument)[0].I32.ShouldBe(Expected(test, result), $"{test} of {op}({value}, hidden {constant}) = {result}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public void A_count_of_bits_is_tested_and_not_the_flags_of_what_made_it(string test)
    {
        var module = new ModuleBuilder();
        foreach (var op in _i32Counts)
        {
            module.Function($"{op}", Kinds.I32, Kinds.I32, c => Test(c, test, wide: false, v => v.Get(0).Emit(op)));
        }

        foreach (var op in _i64Counts)
        {
            module.Function($"{op}", Kinds.I64, Kinds.I32, c => Test(c, test, wide: true, v => v.Get(0).Emit(op)));
        }

        using var guest = new Guest(module);
        foreach (var value in _values)
        {
            int[] narrow = [int.LeadingZeroCount(value), int.TrailingZeroCount(value), int.PopCount(value)];
            long[] wide = [long.LeadingZeroCount(value), long.TrailingZeroCount(value), long.PopCount(value)];
            for (var i = 0; i < 3; i++)
            {
                guest.Call($"{_i32Counts[i]}", value).ShouldBe(Expected(test, narrow[i]), $"{test} of {_i32Counts[i]}({value})");
                guest.Invoke($"{_i64Counts[i]}", WasmValue.FromI64(value))[0].I32.ShouldBe(Expected(test, wide[i]), $"{test} of {_i64Counts[i]}({value})");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public void An_instruction_between_that_changes_nothing_changes_nothing_here_either(string test)
    {
        (string Name, Op Op, Op Wide, int Constant)[] neutral =
        [
            ("or 0", Op.I32Or, Op.I64Or, 0), ("xor 0", Op.I32Xor, Op.I64Xor, 0), ("and -1", Op.I32And, Op.I64And, -1), ("add 0", Op.I32Add, Op.I64Add, 0),
            ("sub 0", Op.I32Sub, Op.I64Sub, 0), ("mul 1", Op.I32Mul, Op.I64Mul, 1), ("div_s 1", Op.I32DivS, Op.I64DivS, 1), ("div_u 1", Op.I32DivU, Op.I64DivU, 1),
            ("shl 0", Op.I32Shl, Op.I64Shl, 0), ("shr_u 0", Op.I32ShrU, Op.I64ShrU, 0), ("shr_s 0", Op.I32ShrS, Op.I64ShrS, 0), ("rotl 0", Op.I32Rotl, Op.I64Rotl, 0),
        ];
        var module = new ModuleBuilder();
        foreach (var (name, op, wide, constant) in neutral)
        {
            module.Function($"rotl {name}", Kinds.I32, Kinds.I32, c => Test(c, test, wide: false, v => v.Get(0).I32(3).Emit(Op.I32Rotl).I32(constant).Emit(op)));
            module.Function($"ctz {name}", Kinds.I32, Kinds.I32, c => Test(c, test, wide: false, v => v.Get(0).Emit(Op.I32Ctz).I32(constant).Emit(op)));
            module.Function($"wide rotl {name}", Kinds.I64, Kinds.I32, c => Test(c, test, wide: true, v => v.Get(0).I64(3).Emit(Op.I64Rotl).I64(constant).Emit(wide)));
            module.Function($"wide ctz {name}", Kinds.I64, Kinds.I32, c => Test(c, test, wide: true, v => v.Get(0).Emit(Op.I64Ctz).I64(constant).Emit(wide)));
        }

        foreach (var extend in new[] { Op.I64ExtendI32S, Op.I64ExtendI32U })
        {
            module.Function($"{extend}", Kinds.I32, Kinds.I32, c => Test(c, test, wide: true, v => v.Get(0).I32(3).Emit(Op.I32Rotl).Emit(extend)));
        }

        module.Function("wrapped", Kinds.I64, Kinds.I32, c => Test(c, test, wide: false, v => v.Get(0).I64(3).Emit(Op.I64Rotl).Emit(Op.I32WrapI64)));
        using var guest = new Guest(module);
        foreach (var value in _values)
        {
            var wide = WasmValue.FromI64(value);
            foreach (var (name, _, _, _) in neutral)
            {
                guest.Call($"rotl {name}", value).ShouldBe(Expected(test, int.RotateLeft(value, 3)), $"{test} of rotl {name} ({value})");
                guest.Call($"ctz {name}", value).ShouldBe(Expected(test, int.TrailingZeroCount(value)), $"{test} of ctz {name} ({value})");
                guest.Invoke($"wide rotl {name}", wide)[0].I32.ShouldBe(Expected(test, long.RotateLeft(value, 3)), $"{test} of wide rotl {name} ({value})");
                guest.Invoke($"wide ctz {name}", wide)[0].I32.ShouldBe(Expected(test, long.TrailingZeroCount(value)), $"{test} of wide ctz {name} ({value})");
            }

            guest.Call($"{Op.I64ExtendI32S}", value).ShouldBe(Expected(test, int.RotateLeft(value, 3)), $"{test} of an extension with sign ({value})");
            guest.Call($"{Op.I64ExtendI32U}", value).ShouldBe(Expected(test, uint.RotateLeft((uint)value, 3)), $"{test} of an extension ({value})");
            guest.Invoke("wrapped", wide)[0].I32.ShouldBe(Expected(test, (int)long.RotateLeft(value, 3)), $"{test} of a wrapped rotation ({value})");
        }
    }

    private static int Expected(string test, long result) => test switch
    {
        "eqz" or "eq 0" or "lt_u 1" => result == 0 ? 1 : 0,
        "lt_s 0" => result < 0 ? 1 : 0,
        "ge_s 0" => result >= 0 ? 1 : 0,
        "gt_s 0" => result > 0 ? 1 : 0,
        "le_s 0" => result <= 0 ? 1 : 0,
        _ => result != 0 ? 1 : 0,
    };

    private static void Test(Code c, string test, bool wide, Action<Code> value)
    {
        // Conditions are i32: a wide value becomes one by being compared.
        void Condition()
        {
            value(c);
            if (wide)
            {
                c.I64(0).Emit(Op.I64Ne);
            }
        }

        void Compare(Op narrow, Op wider, int with)
        {
            value(c);
            _ = wide ? c.I64(with).Emit(wider) : c.I32(with).Emit(narrow);
        }

        switch (test)
        {
            case "if":
                Condition();
                c.If(t => t.I32(1), e => e.I32(0), ValueKind.I32);
                break;
            case "br_if":
                c.Block(b =>
                {
                    Condition();
                    b.BrIf(0).I32(0).Emit(Op.Return);
                }).I32(1);
                break;
            case "eqz":
                value(c);
                c.Emit(wide ? Op.I64Eqz : Op.I32Eqz);
                break;
            case "select":
                c.I32(1).I32(0);
                Condition();
                c.Emit(Op.Select);
                break;
            case "eq 0":
                Compare(Op.I32Eq, Op.I64Eq, 0);
                break;
            case "ne 0":
                Compare(Op.I32Ne, Op.I64Ne, 0);
                break;
            case "lt_s 0":
                Compare(Op.I32LtS, Op.I64LtS, 0);
                break;
            case "ge_s 0":
                Compare(Op.I32GeS, Op.I64GeS, 0);
                break;
            case "gt_s 0":
                Compare(Op.I32GtS, Op.I64GtS, 0);
                break;
            case "le_s 0":
                Compare(Op.I32LeS, Op.I64LeS, 0);
                break;
            case "lt_u 1":
                Compare(Op.I32LtU, Op.I64LtU, 1);
                break;
            default:
                ThroughLocals(c, test, wide, value);
                break;
        }
    }

    private static void ThroughLocals(Code c, string test, bool wide, Action<Code> value)
    {
        var kind = wide ? ValueKind.I64 : ValueKind.I32;
        var first = c.Local(kind);
        value(c);
        c.Set(first);
        var tested = first;
        if (test == "two locals")
        {
            tested = c.Local(kind);
            c.Get(first).Set(tested);
        }

        c.Get(tested);
        if (wide)
        {
            c.I64(0).Emit(Op.I64Ne);
        }

        c.If(t => t.I32(1), e => e.I32(0), ValueKind.I32);
        if (test == "kept local")
        {
            // A second use, so that the value has to stay in a register.
            c.Get(first);
            _ = wide ? c.Emit(Op.I32WrapI64) : c;
            c.I32(0).Emit(Op.I32And, Op.I32Or);
        }
    }
}
