using System.Runtime.Intrinsics;
using HeliosEdge.Wasm.Tests.Building;

namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>
/// Writes one function: statements, and expressions of a wanted type that leave exactly one value. Divisions, truncations and
/// addresses are mostly kept from trapping, or nothing behind them would run.
/// </summary>
internal sealed class FunctionGenerator(
    Random random,
    ModuleGenerator module,
    GeneratedFunction[] callable,
    Code code,
    ValueKind[] parameters,
    ValueKind[] results)
{
    private const int MostLoops = 2;

    private static readonly ValueKind[] _kinds = [ValueKind.I32, ValueKind.I64, ValueKind.F32, ValueKind.F64, ValueKind.V128];

    private static readonly uint[] _vectorPairs =
    [
        14, .. Numbers(35, 64), .. Numbers(78, 81), 101, 102, .. Numbers(110, 115), .. Numbers(118, 121), 123, 130, 133, 134,
        .. Numbers(142, 147), .. Numbers(149, 153), .. Numbers(155, 159), 174, 177, .. Numbers(181, 186), .. Numbers(188, 191), 206, 209,
        .. Numbers(213, 223),
    ];

    private static readonly uint[] _vectorSingles =
    [
        77, 96, 97, 98, .. Numbers(124, 129), .. Numbers(135, 138), 160, 161, .. Numbers(167, 170), 192, 193, .. Numbers(199, 202),
        248, 249, 250, 251, 252, 253, 254, 255,
    ];

    private static readonly uint[] _vectorTests = [83, 99, 100, 131, 132, 163, 164, 195, 196];

    private static readonly uint[] _vectorShifts = [107, 108, 109, 139, 140, 141, 171, 172, 173, 203, 204, 205];

    private static readonly uint[] _singleFloats = [94, 103, 104, 105, 106, 224, 225, 227];

    private static readonly uint[] _doubleFloats = [95, 116, 117, 122, 148, 236, 237, 239];

    private static readonly uint[] _vectorLoads = [.. Numbers(0, 10), 92, 93];

    private static readonly Op[] _i32Loads = [Op.I32Load, Op.I32Load8S, Op.I32Load8U, Op.I32Load16S, Op.I32Load16U];

    private static readonly Op[] _i64Loads =
        [Op.I64Load, Op.I64Load8S, Op.I64Load8U, Op.I64Load16S, Op.I64Load16U, Op.I64Load32S, Op.I64Load32U];

    private readonly List<ValueKind> _locals = [.. parameters];
    private readonly int[] _counters = new int[MostLoops];
    private readonly Dictionary<ValueKind, int> _scratch = [];

    // What a branch to each label around takes, the outermost first; null for nothing, 0 where no branch may go.
    private readonly List<ValueKind?> _labels = [];
    private int _address;
    private int _loops;
    private int _budget;

    public void Generate()
    {
        foreach (var kind in Available)
        {
            for (var i = 0; i < 2; i++)
            {
                code.Local(kind);
                _locals.Add(kind);
            }
        }

        foreach (var kind in Available)
        {
            _scratch[kind] = code.Local(kind);
        }

        for (var i = 0; i < MostLoops; i++)
        {
            _counters[i] = code.Local(ValueKind.I32);
        }

        _address = code.Local(ValueKind.I32);
        if (Chance(2))
        {
            code.I32(random.Next(60_000)).Set(_address);
        }

        _budget = 60 + random.Next(140);
        for (var statements = 2 + random.Next(6); statements > 0; statements--)
        {
            Statement(3);
        }

        foreach (var kind in results)
        {
            Expression(kind, 4);
        }
    }

    private ReadOnlySpan<ValueKind> Available => _kinds.AsSpan(0, module.Vectors ? 5 : 4);

    private void Statement(int depth)
    {
        if (--_budget <= 0)
        {
            return;
        }

        switch (random.Next(12))
        {
            case 0 or 1:
                Assign(depth);
                break;
            case 2:
                var (kind, global) = Pick(module.AllGlobals);
                Expression(kind, depth);
                code.GlobalSet(global);
                break;
            case 3 or 4:
                Store(depth);
                break;
            case 5:
                Expression(ValueKind.I32, depth);
                Labelled(Op.If, null, () =>
                {
                    Statement(depth - 1);
                    if (Chance(2))
                    {
                        code.Emit(Op.Else);
                        Statement(depth - 1);
                    }
                });
                break;
            case 6:
                Loop(depth);
                break;
            case 7:
                Branches(depth);
                break;
            case 8:
                Wide(depth);
                break;
            case 9 when Chance(3):
                Bulk(depth);
                break;
            case 10 when Chance(4):
                Expression(ValueKind.I32, depth);
                Labelled(Op.If, null, () =>
                {
                    foreach (var result in results)
                    {
                        Expression(result, depth - 1);
                    }

                    code.Emit(Op.Return);
                });
                break;
            default:
                code.Get(_address).I32(random.Next(40)).Emit(Op.I32Add).I32(0xFFF0).Emit(Op.I32And).Set(_address);
                break;
        }
    }

    private void Assign(int depth)
    {
        var kind = AnyKind();
        Expression(kind, depth);
        _ = Chance(4) ? code.Emit(Op.Drop) : code.Set(LocalOf(kind));
    }

    private void Loop(int depth)
    {
        if (_loops == MostLoops)
        {
            return;
        }

        var counter = _counters[_loops++];
        code.I32(1 + random.Next(6)).Set(counter);
        Labelled(Op.Block, null, () => Labelled(Op.Loop, 0, () =>
        {
            for (var statements = 1 + random.Next(3); statements > 0; statements--)
            {
                Statement(depth - 1);
            }

            if (Chance(2))
            {
                Expression(ValueKind.I32, depth - 1);
                code.BrIf(1);
            }

            code.Get(counter).I32(1).Emit(Op.I32Sub).Tee(counter).I32(0).Emit(Op.I32GtS).BrIf(0);
        }));
        _loops--;
    }

    private void Branches(int depth) =>
        Labelled(Op.Block, null, () =>
        {
            Statement(depth - 1);
            if (Chance(2))
            {
                Expression(ValueKind.I32, depth - 1);
                code.BrIf(Pick(Targets(null)));
            }

            Statement(depth - 1);
            if (Chance(3))
            {
                Expression(ValueKind.I32, depth - 1);
                var targets = Targets(null);
                int[] labels = [.. Enumerable.Range(0, random.Next(5)).Select(_ => Pick(targets))];
                code.BrTable(labels, Pick(targets));
            }
        });

    /// <summary>A block, if or loop with several parameters and results.</summary>
    private void Wide(int depth)
    {
        ValueKind[] taken = [.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => AnyKind())];
        var form = _loops == MostLoops ? random.Next(2) : random.Next(4);
        ValueKind[] given = form == 1 ? taken : [.. Enumerable.Range(0, random.Next(3)).Select(_ => AnyKind())];
        var type = module.Module.Type(taken, given);
        foreach (var kind in taken)
        {
            Expression(kind, depth - 1);
        }

        switch (form)
        {
            case 0:
                Typed(Op.Block, type, () =>
                {
                    Rearrange(taken, depth);
                    Consume(taken);
                    foreach (var kind in given)
                    {
                        Expression(kind, depth - 1);
                    }

                    if (Chance(2))
                    {
                        Expression(ValueKind.I32, depth - 1);
                        code.BrIf(0);
                    }
                });
                break;
            case 1:
                Expression(ValueKind.I32, depth - 1);
                Typed(Op.If, type, () =>
                {
                    Rearrange(taken, depth);
                    if (Chance(2))
                    {
                        code.Emit(Op.Else);
                        Rearrange(taken, depth);
                    }
                });
                break;
            default:
                WideLoop(type, taken, given, depth);
                break;
        }

        Consume(given);
    }

    private void WideLoop(int type, ValueKind[] taken, ValueKind[] given, int depth)
    {
        var counter = _counters[_loops++];
        code.I32(1 + random.Next(4)).Set(counter);
        Typed(Op.Loop, type, () =>
        {
            Rearrange(taken, depth);
            code.Get(counter).I32(1).Emit(Op.I32Sub).Set(counter);
            switch (random.Next(3))
            {
                case 0:
                    // The loop's own values wait below while an inner block hands it new ones.
                    Labelled(Op.Block, 0, () => Again(1));
                    break;
                case 1:
                    code.Get(counter).I32(0).Emit(Op.I32GtS).BrIf(0);
                    break;
                default:
                    Again(0);
                    break;
            }

            Consume(taken);
            foreach (var kind in given)
            {
                Expression(kind, depth - 1);
            }
        });
        _loops--;

        void Again(int label)
        {
            foreach (var kind in taken)
            {
                Expression(kind, depth - 1);
            }

            code.Get(counter).I32(0).Emit(Op.I32GtS);
            if (Chance(2))
            {
                Expression(ValueKind.I32, depth - 1);
                code.Emit(Op.I32And);
            }

            code.BrIf(label);
            foreach (var unused in taken)
            {
                code.Emit(Op.Drop);
            }
        }
    }

    private void Rearrange(ValueKind[] kinds, int depth)
    {
        if (Chance(3))
        {
            Statement(depth - 1);
        }

        if (Chance(2))
        {
            var local = LocalOf(kinds[^1]);
            code.Set(local);
            if (Chance(2))
            {
                Statement(depth - 1);
            }

            code.Get(local);
        }
    }

    private void Consume(ValueKind[] kinds)
    {
        for (var i = kinds.Length - 1; i >= 0; i--)
        {
            _ = Chance(5) ? code.Emit(Op.Drop) : code.Set(LocalOf(kinds[i]));
        }
    }

    private void Bulk(int depth)
    {
        Address(depth);
        switch (random.Next(3))
        {
            case 0:
                Expression(ValueKind.I32, depth - 1);
                code.I32(random.Next(64)).MemoryFill();
                break;
            case 1:
                Address(depth);
                code.I32(random.Next(64)).MemoryCopy();
                break;
            default:
                code.I32(random.Next(16)).I32(random.Next(17)).MemoryInit(module.DataSegment);
                break;
        }
    }

    private void Store(int depth)
    {
        var kind = AnyKind();
        Address(depth);
        Expression(kind, depth);
        switch (kind)
        {
            case ValueKind.I32:
                code.Access(Pick<Op>([Op.I32Store, Op.I32Store8, Op.I32Store16]), Offset());
                break;
            case ValueKind.I64:
                code.Access(Pick<Op>([Op.I64Store, Op.I64Store8, Op.I64Store16, Op.I64Store32]), Offset());
                break;
            case ValueKind.F32:
                code.Access(Op.F32Store, Offset());
                break;
            case ValueKind.F64:
                code.Access(Op.F64Store, Offset());
                break;
            default:
                var width = random.Next(5);
                _ = width == 4
                    ? code.SimdAccess(11, Offset())
                    : code.SimdAccess((uint)(88 + width), Offset()).Raw((byte)random.Next(16 >> width));
                break;
        }
    }

    private void Expression(ValueKind kind, int depth)
    {
        if (--_budget <= 0 || depth <= 0)
        {
            Leaf(kind);
            return;
        }

        switch (random.Next(14))
        {
            case 0:
                Leaf(kind);
                break;
            case 1:
                Expression(kind, depth - 1);
                Expression(kind, depth - 1);
                Expression(ValueKind.I32, depth - 1);
                _ = Chance(2) ? code.Emit(Op.Select) : code.Emit(Op.SelectTyped).Raw(1, (byte)kind);
                break;
            case 2:
                Expression(ValueKind.I32, depth - 1);
                Labelled(Op.If, kind, () =>
                {
                    Expression(kind, depth - 1);
                    code.Emit(Op.Else);
                    Statement(depth - 1);
                    Expression(kind, depth - 1);
                });
                break;
            case 3:
                Labelled(Op.Block, kind, () => BlockWithValue(kind, depth));
                break;
            case 4:
                var local = LocalOf(kind);
                Expression(kind, depth - 1);
                code.Tee(local);
                break;
            case 5 when Callable(kind) is { } function:
                Call(function, depth);
                break;
            default:
                Operation(kind, depth);
                break;
        }
    }

    private void BlockWithValue(ValueKind kind, int depth)
    {
        if (Chance(2))
        {
            Statement(depth - 1);
        }

        Expression(kind, depth - 1);
        if (Chance(2))
        {
            Expression(ValueKind.I32, depth - 2);
            code.BrIf(0);
        }

        switch (random.Next(5))
        {
            case 0:
                code.Br(0);
                break;
            case 1:
                var targets = Targets(kind);
                Expression(ValueKind.I32, depth - 2);
                int[] labels = [.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => Pick(targets))];
                code.BrTable(labels, Pick(targets));
                break;
        }
    }

    private GeneratedFunction? Callable(ValueKind kind)
    {
        GeneratedFunction[] fitting = [.. callable.Where(function => function.Results[^1] == kind)];
        return fitting.Length == 0 || _loops == MostLoops ? null : Pick(fitting);
    }

    private void Call(GeneratedFunction function, int depth)
    {
        foreach (var parameter in function.Parameters)
        {
            Expression(parameter, depth - 2);
        }

        if (function.Index < module.TableSize - 1 && Chance(3))
        {
            // Mostly the right element, at times one of another type, an empty one, or none.
            code.I32(Chance(8) ? random.Next(module.TableSize + 1) : function.Index)
                .CallIndirect(module.Module.Type(function.Parameters, function.Results));
        }
        else
        {
            code.Call(function.Index);
        }

        if (function.Results.Length > 1)
        {
            var last = function.Results[^1];
            code.Set(_scratch[last]);
            Consume(function.Results[..^1]);
            code.Get(_scratch[last]);
        }
    }

    private void Leaf(ValueKind kind)
    {
        switch (random.Next(4))
        {
            case 0:
                GeneratedValues.Constant(code, kind, random);
                break;
            case 1:
                code.GlobalGet(module.AllGlobals.First(global => global.Kind == kind).Index);
                break;
            default:
                code.Get(LocalOf(kind));
                break;
        }
    }

    private void Operation(ValueKind kind, int depth)
    {
        switch (kind)
        {
            case ValueKind.I32:
                OperationI32(depth);
                break;
            case ValueKind.I64:
                OperationI64(depth);
                break;
            case ValueKind.F32:
                OperationFloat(kind, depth, Op.F32Add, Op.F32Max, Op.F32Abs, Op.F32Sqrt, Op.F32Copysign, Op.F32ConvertI32S, Op.F32Load, 31, 4);
                break;
            case ValueKind.F64:
                OperationFloat(kind, depth, Op.F64Add, Op.F64Max, Op.F64Abs, Op.F64Sqrt, Op.F64Copysign, Op.F64ConvertI32S, Op.F64Load, 33, 2);
                break;
            default:
                OperationV128(depth);
                break;
        }
    }

    private void OperationI32(int depth)
    {
        switch (random.Next(module.Vectors ? 12 : 10))
        {
            case 0 or 1 or 2:
                Pair(ValueKind.I32, Between(Op.I32Add, Op.I32Rotr), depth);
                break;
            case 3:
                Single(ValueKind.I32, Chance(2) ? Between(Op.I32Clz, Op.I32Popcnt) : Pick<Op>([Op.I32Extend8S, Op.I32Extend16S, Op.I32Eqz]), depth);
                break;
            case 4:
                Pair(ValueKind.I32, Between(Op.I32Eq, Op.I32GeU), depth);
                break;
            case 5:
                Pair(ValueKind.I64, Between(Op.I64Eq, Op.I64GeU), depth);
                break;
            case 6:
                _ = Chance(2)
                    ? Pair(ValueKind.F32, Between(Op.F32Eq, Op.F32Ge), depth)
                    : Pair(ValueKind.F64, Between(Op.F64Eq, Op.F64Ge), depth);
                break;
            case 7:
                Single(ValueKind.I64, Chance(2) ? Op.I64Eqz : Op.I32WrapI64, depth);
                break;
            case 8:
                Truncation(0, Op.I32TruncF32S, depth);
                break;
            case 9:
                switch (random.Next(4))
                {
                    case 0:
                        code.MemorySize();
                        break;
                    case 1:
                        code.I32(random.Next(3)).MemoryGrow();
                        break;
                    default:
                        Address(depth);
                        code.Access(Pick(_i32Loads), Offset());
                        break;
                }

                break;
            default:
                Expression(ValueKind.V128, depth - 1);
                _ = random.Next(3) switch
                {
                    0 => code.Simd(Pick<uint>([21, 22])).Raw((byte)random.Next(16)),
                    1 => code.Simd(27).Raw((byte)random.Next(4)),
                    _ => code.Simd(Pick(_vectorTests)),
                };
                break;
        }
    }

    private void OperationI64(int depth)
    {
        switch (random.Next(module.Vectors ? 8 : 7))
        {
            case 0 or 1 or 2:
                Pair(ValueKind.I64, Between(Op.I64Add, Op.I64Rotr), depth);
                break;
            case 3:
                Single(ValueKind.I64, Chance(2) ? Between(Op.I64Clz, Op.I64Popcnt) : Between(Op.I64Extend8S, Op.I64Extend32S), depth);
                break;
            case 4:
                Single(ValueKind.I32, Between(Op.I64ExtendI32S, Op.I64ExtendI32U), depth);
                break;
            case 5:
                Truncation(4, Op.I64TruncF32S, depth);
                break;
            case 6:
                Address(depth);
                code.Access(Pick(_i64Loads), Offset());
                break;
            default:
                Expression(ValueKind.V128, depth - 1);
                code.Simd(29).Raw((byte)random.Next(2));
                break;
        }
    }

    private void OperationFloat(
        ValueKind kind, int depth, Op firstPair, Op lastPair, Op firstSingle, Op lastSingle, Op copysign, Op convert, Op load, uint extract, int lanes)
    {
        switch (random.Next(module.Vectors ? 7 : 6))
        {
            case 0 or 1:
                Pair(kind, Between(firstPair, lastPair), depth);
                break;
            case 2:
                Single(kind, Between(firstSingle, lastSingle), depth);
                break;
            case 3:
                var wide = Chance(2);
                Single(wide ? ValueKind.I64 : ValueKind.I32, (Op)((int)convert + (wide ? 2 : 0) + random.Next(2)), depth);
                return;
            case 4:
                if (Chance(2))
                {
                    Pair(kind, copysign, depth);
                    return;
                }

                Single(kind == ValueKind.F32 ? ValueKind.F64 : ValueKind.F32, kind == ValueKind.F32 ? Op.F32DemoteF64 : Op.F64PromoteF32, depth);
                break;
            case 5:
                Address(depth);
                code.Access(load, Offset());
                break;
            default:
                Expression(ValueKind.V128, depth - 1);
                code.Simd(extract).Raw((byte)random.Next(lanes));
                break;
        }

        OneNaN(kind);
    }

    private void OperationV128(int depth)
    {
        switch (random.Next(12))
        {
            case 0 or 1 or 2:
                Vectors(2, Pick(_vectorPairs), depth);
                break;
            case 3:
                Vectors(1, Pick(_vectorSingles), depth);
                break;
            case 4:
                Expression(ValueKind.V128, depth - 1);
                Expression(ValueKind.I32, depth - 1);
                code.Simd(Pick(_vectorShifts));
                break;
            case 5:
                Vectors(2, (uint)random.Next(228, 236), depth);
                OneNaNInLanes(Vector128.Create(float.NaN).AsByte(), 65);
                break;
            case 6:
                Vectors(2, (uint)random.Next(240, 248), depth);
                OneNaNInLanes(Vector128.Create(double.NaN).AsByte(), 71);
                break;
            case 7:
                var single = Chance(2);
                Vectors(1, Pick(single ? _singleFloats : _doubleFloats), depth);
                OneNaNInLanes(single ? Vector128.Create(float.NaN).AsByte() : Vector128.Create(double.NaN).AsByte(), single ? 65u : 71u);
                break;
            case 8:
                Splat(depth);
                break;
            case 9:
                Vectors(3, 82, depth);
                break;
            case 10:
                var lanes = new byte[16];
                for (var i = 0; i < lanes.Length; i++)
                {
                    lanes[i] = (byte)random.Next(32);
                }

                Vectors(2, 13, depth);
                code.Raw(lanes);
                break;
            default:
                Address(depth);
                code.SimdAccess(Pick(_vectorLoads), Offset());
                break;
        }
    }

    private void Splat(int depth)
    {
        var kind = _kinds[random.Next(4)];
        var first = kind switch
        {
            ValueKind.I32 => 15u + (uint)random.Next(3),
            ValueKind.I64 => 18u,
            ValueKind.F32 => 19u,
            _ => 20u,
        };
        if (Chance(2))
        {
            Expression(kind, depth - 1);
            code.Simd(first);
            return;
        }

        // Replace one lane.
        (uint Op, int Lanes) replace = kind switch
        {
            ValueKind.I32 => Pick<(uint, int)>([(23, 16), (26, 8), (28, 4)]),
            ValueKind.I64 => (30, 2),
            ValueKind.F32 => (32, 4),
            _ => (34, 2),
        };
        Expression(ValueKind.V128, depth - 1);
        Expression(kind, depth - 1);
        code.Simd(replace.Op).Raw((byte)random.Next(replace.Lanes));
    }

    private void Vectors(int count, uint op, int depth)
    {
        for (var i = 0; i < count; i++)
        {
            Expression(ValueKind.V128, depth - 1);
        }

        code.Simd(op);
    }

    private Code Pair(ValueKind kind, Op op, int depth)
    {
        Expression(kind, depth - 1);
        Expression(kind, depth - 1);
        if (!Chance(10))
        {
            // An odd divisor between 3 and 7.
            _ = op switch
            {
                Op.I32DivS or Op.I32DivU or Op.I32RemS or Op.I32RemU => code.I32(6).Emit(Op.I32And).I32(3).Emit(Op.I32Or),
                Op.I64DivS or Op.I64DivU or Op.I64RemS or Op.I64RemU => code.I64(6).Emit(Op.I64And).I64(3).Emit(Op.I64Or),
                _ => code,
            };
        }

        return code.Emit(op);
    }

    private void Single(ValueKind kind, Op op, int depth)
    {
        Expression(kind, depth - 1);
        code.Emit(op);
    }

    private void Truncation(uint saturating, Op trapping, int depth)
    {
        var form = (uint)random.Next(4);
        Expression(form < 2 ? ValueKind.F32 : ValueKind.F64, depth - 1);
        _ = Chance(25) ? code.Emit((Op)((uint)trapping + form)) : code.Bulk(saturating + form);
    }

    private void Address(int depth)
    {
        switch (random.Next(12))
        {
            case 0 when Chance(4):
                Expression(ValueKind.I32, depth - 1);
                break;
            case 1:
                code.I32(random.Next(Chance(10) ? 65_536 + 20 : 65_480));
                break;
            case 2:
                var local = LocalOf(ValueKind.I32);
                code.Get(local).I32(0x3FFF).Emit(Op.I32And).Tee(local);
                break;
            case 3 or 4 or 5:
                code.Get(_address);
                break;
            default:
                Expression(ValueKind.I32, depth - 1);
                code.I32(Chance(2) ? 0xFF00 : 0xFFF).Emit(Op.I32And);
                break;
        }
    }

    private uint Offset() => Chance(150) ? (uint)random.NextInt64(1L << 32) : (uint)random.Next(40);

    /// <summary>Makes any NaN on top of the stack the one and only.</summary>
    private void OneNaN(ValueKind kind)
    {
        var scratch = _scratch[kind];
        code.Tee(scratch);
        _ = kind == ValueKind.F32 ? code.F32(float.NaN) : code.F64(double.NaN);
        code.Get(scratch).Get(scratch).Emit(kind == ValueKind.F32 ? Op.F32Eq : Op.F64Eq, Op.Select);
    }

    private void OneNaNInLanes(Vector128<byte> nan, uint equal)
    {
        var scratch = _scratch[ValueKind.V128];
        code.Tee(scratch).V128(nan).Get(scratch).Get(scratch).Simd(equal).Simd(82);
    }

    /// <summary>A block, if or loop whose label takes nothing (null), a value, or no branches at all (0).</summary>
    private void Labelled(Op op, ValueKind? label, Action body)
    {
        code.Emit(op).Raw(label is null or 0 ? (byte)0x40 : (byte)label);
        Inside(label, body);
    }

    private void Typed(Op op, int type, Action body)
    {
        code.Emit(op).Raw(new WasmBuffer().Signed(type).Written);
        Inside(0, body);
    }

    private void Inside(ValueKind? label, Action body)
    {
        _labels.Add(label);
        body();
        _labels.RemoveAt(_labels.Count - 1);
        code.Emit(Op.End);
    }

    private int[] Targets(ValueKind? kind) =>
        [.. Enumerable.Range(0, _labels.Count).Where(label => _labels[_labels.Count - 1 - label] == kind)];

    private ValueKind AnyKind() => Available[random.Next(Available.Length)];

    private int LocalOf(ValueKind kind)
    {
        int[] fitting = [.. Enumerable.Range(0, _locals.Count).Where(local => _locals[local] == kind)];
        return Pick(fitting);
    }

    private Op Between(Op first, Op last) => (Op)random.Next((int)first, (int)last + 1);

    private bool Chance(int of) => random.Next(of) == 0;

    private T Pick<T>(IReadOnlyList<T> values) => values[random.Next(values.Count)];

    private static IEnumerable<uint> Numbers(uint first, uint last)
    {
        for (var number = first; number <= last; number++)
        {
            yield return number;
        }
    }
}
