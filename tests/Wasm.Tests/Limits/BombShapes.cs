using System.Runtime.Intrinsics;
using HeliosEdge.Testing.Building;

namespace HeliosEdge.Wasm.Tests.Limits;

/// <summary>
/// Shapes of functions that are made to cost a compiler more than their size, each as large as it is asked to be. The function that
/// holds them is "run", of one i32 without a result.
/// </summary>
internal static class BombShapes
{
    public static readonly ValueKind[] AllKinds =
        [ValueKind.I32, ValueKind.I64, ValueKind.F32, ValueKind.F64, ValueKind.V128, ValueKind.FuncRef, ValueKind.ExternRef];

    /// <summary>By name: the bytes of a module whose function has about so many bytes.</summary>
    public static IReadOnlyDictionary<string, Func<int, byte[]>> All { get; } = Collect();

    private static Dictionary<string, Func<int, byte[]>> Collect()
    {
        var all = new Dictionary<string, Func<int, byte[]>>();
        foreach (var kind in AllKinds)
        {
            // Operands, from everywhere that they can come from, and gone in every way.
            Add($"operands {kind}: locals, dropped", (s, c) => Each(c, s / 3, _ => c.Get(s.Local(kind)), () => c.Emit(Op.Drop)));
            Add($"operands {kind}: globals, dropped", (s, c) => Each(c, s / 3, _ => c.GlobalGet(s.Global(kind)), () => c.Emit(Op.Drop)));
            Add($"operands {kind}: calls, dropped", (s, c) => Each(c, s / 3, _ => c.Call(s.Give(kind)), () => c.Emit(Op.Drop)));
            Add($"operands {kind}: calls, set", (s, c) => Each(c, s / 4, _ => c.Call(s.Give(kind)), () => c.Set(s.Local(kind))));
            Add($"operands {kind}: calls, passed on", (s, c) =>
            {
                var many = s.Function(Kinds.Many(kind, 500), []);
                for (var i = 0; i < s / 1_004; i++)
                {
                    Each(c, 500, _ => c.Call(s.Give(kind)), null);
                    c.Call(many);
                }
            });
            Add($"operands {kind}: kept over a call", (s, c) => Each(c, s / 3, _ => c.Call(s.Give(kind)), () => c.Emit(Op.Drop), () => c.Call(s.Nothing)));
            Add($"operands {kind}: kept over blocks", (s, c) => Each(c, s / 6, _ => c.Call(s.Give(kind)), () => c.Emit(Op.Drop), () => Each(c, s / 8, _ => c.Emit(Op.Block).Raw(0x40).Emit(Op.End), null)));
            Add($"operands {kind}: kept over branches", (s, c) => c.Block(b => Each(c, s / 6, _ => c.Call(s.Give(kind)), () => c.Emit(Op.Drop), () => Each(c, s / 8, _ => c.Get(0).BrIf(0), null))));
            Add($"operands {kind}: one above the other, with calls between", (s, c) => Each(c, s / 5, _ => c.Call(s.Give(kind)).Call(s.Nothing), () => c.Emit(Op.Drop)));
            Add($"operands {kind}: selected", (s, c) => Each(c, s / 5, _ => c.Call(s.Give(kind)), null, () =>
            {
                Each(c, (s / 5) - 1, _ => c.Get(0).Emit(Op.SelectTyped).Raw(1, (byte)kind), null);
                c.Emit(Op.Drop);
            }));

            // Locals.
            Add($"locals {kind}: unused", (s, c) => c.Locals((uint)Math.Min(s, 49_000), kind));
            Add($"locals {kind}: each set and read", (s, c) => Locals(s, c, kind, 8, l => c.Call(s.Give(kind)).Set(l), l => c.Get(l).Emit(Op.Drop)));
            Add($"locals {kind}: each set, and passed on by calls between", (s, c) =>
            {
                var take = s.Function([kind], []);
                Locals(s, c, kind, 12, l => c.Call(s.Give(kind)).Set(l), l => c.Get(l).Call(take));
            });
            Add($"locals {kind}: copied in a loop", (s, c) => c.Loop(_ => Locals(s, c, kind, 8, l => c.Get(l).Set(l == 1 ? 1 : l - 1), null).Get(0).BrIf(0)));
            Add($"locals {kind}: set in choices", (s, c) => Locals(s, c, kind, 12, l => c.Get(0).If(t => t.Call(s.Give(kind)).Set(l)), l => c.Get(l).Emit(Op.Drop)));
            Add($"locals {kind}: each copied over the next in loops in sequence", (s, c) => Locals(s, c, kind, 14, l => c.Loop(b => b.Get(l).Set(Math.Max(1, l - 1)).Get(0).BrIf(0)), null));

            // Parameters and results.
            Add($"parameters {kind}: calls with 1,000", (s, c) =>
            {
                var many = s.Function(Kinds.Many(kind, 1_000), []);
                for (var i = 0; i < s / 2_003; i++)
                {
                    Each(c, 1_000, _ => c.Get(s.Local(kind)), null).Call(many);
                }
            });
            Add($"results {kind}: calls with 1,000", (s, c) =>
            {
                var many = s.Function([], Kinds.Many(kind, 1_000));
                for (var i = 0; i < s / 1_003; i++)
                {
                    c.Call(many);
                    Each(c, 1_000, _ => c.Emit(Op.Drop), null);
                }
            });
            Add($"results {kind}: of calls passed on", (s, c) =>
            {
                var many = s.Function(Kinds.Many(kind, 1_000), Kinds.Many(kind, 1_000));
                Each(c, 1_000, _ => c.Get(s.Local(kind)), () => c.Emit(Op.Drop), () => Each(c, s / 150, _ => c.Call(many), null));
            });
            Add($"results {kind}: of blocks", (s, c) =>
            {
                var type = s.Type(Kinds.Many(kind, 1_000), Kinds.Many(kind, 1_000));
                Each(c, 1_000, _ => c.Get(s.Local(kind)), () => c.Emit(Op.Drop), () => Each(c, s / 400, _ => c.Emit(Op.Block).Raw(Index(type)).Get(0).BrIf(0).Emit(Op.End), null));
            });
            Add($"parameters {kind}: of loops", (s, c) =>
            {
                var type = s.Type(Kinds.Many(kind, 1_000), Kinds.Many(kind, 1_000));
                Each(c, 1_000, _ => c.Get(s.Local(kind)), () => c.Emit(Op.Drop), () => Each(c, s / 400, _ => c.Emit(Op.Loop).Raw(Index(type)).Get(0).BrIf(0).Emit(Op.End), null));
            });
            Add($"selects {kind}: in a chain", (s, c) =>
            {
                c.Get(s.Local(kind));
                Each(c, s / 8, _ => c.Get(s.Local(kind)).Get(0).Emit(Op.SelectTyped).Raw(1, (byte)kind), null).Emit(Op.Drop);
            });
        }

        // Control.
        foreach (var (name, op) in new[] { ("blocks", Op.Block), ("loops", Op.Loop), ("choices", Op.If) })
        {
            Code Open(Code c) => (op == Op.If ? c.Get(0) : c).Emit(op).Raw(0x40);
            Add($"{name}: nested as deep as may be, again and again", (s, c) => Deep(s, c, 4_000, Open, (_, _) => { }));
            Add($"{name}: nested, each end branches to the outermost", (s, c) => Deep(s, c, 4_000, Open, (d, i) => c.Get(0).BrIf(d - i - 1)));
            Add($"{name}: nested, each end branches to its own", (s, c) => Deep(s, c, 4_000, Open, (_, _) => c.Get(0).BrIf(0)));
            Add($"{name}: nested 30 deep, each end branches to all", (s, c) => Deep(s, c, 30, Open, (d, i) => Each(c, d - i, t => c.Get(0).BrIf(t), null)));
            Add($"{name}: nested, a local set in each", (s, c) =>
            {
                var first = c.Locals(4_000, ValueKind.I32);
                Deep(s, c, 4_000, Open, (_, i) => c.Get(first + i).I32(1).Emit(Op.I32Add).Set(first + i).Get(0).BrIf(0));
            });
            Add($"{name}: in sequence", (s, c) => Each(c, s / 8, _ => Open(c).Get(0).BrIf(0).Emit(Op.End), null));
            Add($"{name}: in sequence, 500 locals live", (s, c) =>
            {
                var first = c.Locals(500, ValueKind.I32);
                c.Loop(_ => Each(c, s / 16, i => Open(c).Get(first + (i % 500)).BrIf(0).Get(0).Set(first + (i * 7 % 500)).Emit(Op.End), null).Get(0).BrIf(0));
            });
            Add($"{name}: nested 4 deep in sequence with a memory access in each", (s, c) => Deep(s, c, 4, Open, (_, i) => c.Get(0).I32(i).Access(Op.I32Store, 4).Get(0).BrIf(0)));
        }

        Add("choices: with both parts", (s, c) => Each(c, s / 14, i => c.Get(0).If(t => t.I32(i & 63).Set(0), e => e.Get(0).I32(1).Emit(Op.I32Add).Set(0)), null));
        Add("choices: that give a value", (s, c) => Each(c, s / 14, i => c.Get(0).If(t => t.I32(i & 63), e => e.Get(0), ValueKind.I32).Set(0), null));
        Add("branch tables: one, large", (s, c) => c.Block(b => b.Get(0).BrTable(new int[Math.Min(s, 65_000)], 0)));
        Add("branch tables: 1,000 labels each, to blocks around", (s, c) => Tables(s, c, 1_000, 100));
        Add("branch tables: 4 labels each", (s, c) => Tables(s, c, 4, 4));
        Add("branch tables: in a loop, to 500 blocks", (s, c) => Each(c, Math.Max(1, s / 3_500), _ => c.Loop(_ =>
        {
            Each(c, 500, _ => c.Emit(Op.Block).Raw(0x40), null);
            c.Get(0).BrTable([.. Enumerable.Range(0, 501)], 0);
            Each(c, 500, i => c.Emit(Op.End).Get(0).I32(i).Emit(Op.I32Xor).Set(0).Br(500 - i - 1), null);
        }), null));
        Add("branches: to one label", (s, c) => c.Block(_ => Each(c, s / 4, _ => c.Get(0).BrIf(0), null)));
        Add("branches: back to one label", (s, c) => c.Loop(_ => Each(c, s / 4, _ => c.Get(0).BrIf(0), null)));
        Add("returns: many", (s, c) => Each(c, s / 6, _ => c.Get(0).If(t => t.Emit(Op.Return)), null));

        // Calls.
        Add("calls: of nothing", (s, c) => Each(c, s / 2, _ => c.Call(s.Nothing), null));
        Add("calls: in a chain", (s, c) => Each(c.Get(0), s / 2, _ => c.Call(s.Same), null).Emit(Op.Drop));
        Add("calls: of an import", (s, c) => Each(c, s / 2, _ => c.Call(s.Imported), null));
        Add("calls: indirect", (s, c) => Each(c, s / 5, _ => c.Get(0).CallIndirect(s.Type([], [])), null));
        Add("calls: indirect, in a chain", (s, c) => Each(c.Get(0), s / 5, _ => c.Get(0).CallIndirect(s.Type(Kinds.I32, Kinds.I32)), null).Emit(Op.Drop));
        Add("calls: in a loop with choices between", (s, c) => c.Loop(_ => Each(c, s / 8, _ => c.Get(0).If(t => t.Call(s.Nothing)), null).Get(0).BrIf(0)));

        // Constants.
        Add("constants: i32 stored", (s, c) => Each(c, s / 12, i => c.I32(i).I32(i * 104_729).Access(Op.I32Store, 0), null));
        Add("constants: i64 stored", (s, c) => Each(c, s / 18, i => c.I32(i).I64(i * 104_729_104_729_104L).Access(Op.I64Store, 0), null));
        Add("constants: f32 stored", (s, c) => Each(c, s / 12, i => c.I32(i).F32(i * 1.7f).Access(Op.F32Store, 0), null));
        Add("constants: f64 stored", (s, c) => Each(c, s / 16, i => c.I32(i).F64(i * 1.7).Access(Op.F64Store, 0), null));
        Add("constants: f64 added", (s, c) => Each(c.F64(0.1), s / 10, i => c.F64(i * 1.7).Emit(Op.F64Add), null).Emit(Op.Drop));
        Add("constants: v128 stored", (s, c) => Each(c, s / 26, i => c.I32(i).V128(Vector(i)).SimdAccess(11, 0), null));
        Add("constants: v128 added", (s, c) => Each(c.V128(Vector(1)), s / 21, i => c.V128(Vector(i)).Simd(174), null).Emit(Op.Drop));

        // Straight code.
        foreach (var op in new[] { Op.I32Add, Op.I32Mul, Op.I32Rotl, Op.I32ShrU, Op.I32DivS, Op.I32RemU, Op.I32Eq })
        {
            Add($"straight: {op} in a chain", (s, c) => Each(c.Get(0), s / 3, _ => c.Get(0).Emit(op), null).Emit(Op.Drop));
            Add($"straight: {op} of locals", (s, c) => Each(c, s / 7, _ => c.Get(0).Get(s.Local(ValueKind.I32)).Emit(op).Set(0), null));
        }

        foreach (var op in new[] { Op.I64Add, Op.I64Mul, Op.I64DivU, Op.I64RemS })
        {
            Add($"straight: {op} of locals", (s, c) => Each(c, s / 7, _ => c.Get(s.Local(ValueKind.I64)).Get(s.Local(ValueKind.I64)).Emit(op).Set(s.Local(ValueKind.I64)), null));
        }

        foreach (var op in new[] { Op.F64Add, Op.F64Min, Op.F64Copysign })
        {
            Add($"straight: {op} of locals", (s, c) => Each(c, s / 7, _ => c.Get(s.Local(ValueKind.F64)).Get(s.Local(ValueKind.F64)).Emit(op).Set(s.Local(ValueKind.F64)), null));
        }

        foreach (var op in new[] { Op.F64Nearest, Op.F64Sqrt, Op.F64Ceil })
        {
            Add($"straight: {op} in a chain", (s, c) => Each(c.Get(s.Local(ValueKind.F64)), s, _ => c.Emit(op), null).Emit(Op.Drop));
        }

        Add("straight: conversions in a chain", (s, c) => Each(c.Get(0), s / 3, _ => c.Emit(Op.F64ConvertI32U, Op.I64TruncF64U, Op.I32WrapI64), null).Emit(Op.Drop));
        Add("straight: saturating conversions in a chain", (s, c) => Each(c.Get(0), s / 3, _ => c.Emit(Op.F64ConvertI32U).Bulk(3), null).Emit(Op.Drop));
        Add("straight: bits counted in a chain", (s, c) => Each(c.Get(0), s / 3, _ => c.Emit(Op.I32Clz, Op.I32Popcnt, Op.I32Ctz), null).Emit(Op.Drop));
        Add("straight: tees", (s, c) => Each(c.Get(0), s / 2, _ => c.Tee(0), null).Emit(Op.Drop));
        Add("straight: 500 sums at once", (s, c) =>
        {
            var first = c.Locals(500, ValueKind.I32);
            Each(c, s / 10, i => c.Get(first + (i % 500)).Get(first + (i * 3 % 500)).Emit(Op.I32Add).Set(first + (i * 7 % 500)), null);
        });
        Add("straight: the same sum again", (s, c) => Each(c, s / 9, _ => c.Get(0).I32(4).Emit(Op.I32Add).Get(0).Emit(Op.I32Mul, Op.Drop), null));

        // Memory, globals, tables.
        Add("memory: loads in a chain", (s, c) => Each(c.Get(0), s / 3, i => c.Access(Op.I32Load, (uint)(i & 63)), null).Emit(Op.Drop));
        Add("memory: loads of many addresses", (s, c) => Many(s, c, 200, 8, l => c.Get(l).Access(Op.I32Load, 5).Set(0)));
        Add("memory: stores of many addresses", (s, c) => Many(s, c, 200, 8, l => c.Get(l).Get(0).Access(Op.I32Store8, 3)));
        Add("memory: stores at growing offsets", (s, c) => Each(c, s / 9, i => c.Get(0).Get(0).Access(Op.I32Store, (uint)(i * 4)), null));
        Add("memory: loads after calls", (s, c) => Each(c, s / 9, i => c.Call(s.Nothing).Get(0).Access(Op.I32Load, (uint)(i & 63)).Set(0), null));
        Add("memory: copies and fills", (s, c) => Each(c, s / 22, _ => c.Get(0).Get(0).Get(0).MemoryCopy().Get(0).Get(0).Get(0).MemoryFill(), null));
        Add("memory: grown", (s, c) => Each(c, s / 5, _ => c.I32(0).MemoryGrow().Emit(Op.Drop), null));
        Add("globals: read and written", (s, c) => Each(c, s / 7, i => c.GlobalGet(s.Global(ValueKind.I64)).I64(i & 31).Emit(Op.I64Add).GlobalSet(s.Global(ValueKind.I64)), null));
        Add("globals: references", (s, c) => Each(c, s / 4, _ => c.GlobalGet(s.Global(ValueKind.FuncRef)).GlobalSet(s.Global(ValueKind.FuncRef)), null));
        Add("tables: read and written", (s, c) => Each(c, s / 8, _ => c.Get(0).Get(0).TableGet(0).TableSet(0), null));
        Add("tables: references to functions", (s, c) => Each(c, s / 6, _ => c.Get(0).RefFunc(s.Nothing).TableSet(0), null));

        // Traps.
        Add("traps: unreachable in choices", (s, c) => Each(c, s / 6, _ => c.Get(0).If(t => t.Emit(Op.Unreachable)), null));
        Add("traps: truncations", (s, c) => Each(c, s / 4, _ => c.Get(s.Local(ValueKind.F64)).Emit(Op.I32TruncF64U, Op.Drop), null));
        Add("traps: divisions by locals", (s, c) => Each(c, s / 6, _ => c.Get(0).Get(0).Emit(Op.I32DivU, Op.Drop), null));

        // Vectors.
        Add("vectors: shuffles in a chain", (s, c) => Each(c.Get(s.Local(ValueKind.V128)), s / 20, i => c.Get(s.Local(ValueKind.V128)).Simd(13).Raw(Lanes(i)), null).Emit(Op.Drop));
        Add("vectors: shuffles of constants", (s, c) => Each(c.V128(Vector(1)), s / 36, i => c.V128(Vector(i)).Simd(13).Raw(Lanes(i)), null).Emit(Op.Drop));
        foreach (var op in new uint[] { 96, 97, 98, 125, 127, 160, 167, 199, 224, 239, 248, 249, 252, 254 })
        {
            Add($"vectors: {op} in a chain", (s, c) => Each(c.Get(s.Local(ValueKind.V128)), s / 3, _ => c.Simd(op), null).Emit(Op.Drop));
        }

        foreach (var op in new uint[] { 107, 108, 109, 139, 171, 203 })
        {
            Add($"vectors: {op} in a chain", (s, c) => Each(c.Get(s.Local(ValueKind.V128)), s / 5, _ => c.Get(0).Simd(op), null).Emit(Op.Drop));
        }

        foreach (var op in new uint[] { 14, 35, 101, 118, 123, 130, 149, 156, 174, 186, 189, 213, 214, 220, 228, 232, 240, 244 })
        {
            Add($"vectors: {op} in a chain", (s, c) => Each(c.Get(s.Local(ValueKind.V128)), s / 5, _ => c.Get(s.Local(ValueKind.V128)).Simd(op), null).Emit(Op.Drop));
        }

        Add("vectors: lanes replaced", (s, c) => Each(c.Get(s.Local(ValueKind.V128)), s / 5, i => c.Get(0).Simd(23).Raw((byte)(i & 15)), null).Emit(Op.Drop));
        Add("vectors: lanes loaded", (s, c) => Each(c.Get(s.Local(ValueKind.V128)), s / 9, _ => c.Set(s.Local(ValueKind.V128)).Get(0).Get(s.Local(ValueKind.V128)).SimdAccess(84, 0).Raw(3), null).Emit(Op.Drop));
        Add("vectors: splat and extract", (s, c) => Each(c.Get(0), s / 5, _ => c.Simd(17).Simd(27).Raw(2), null).Emit(Op.Drop));

        // Many functions.
        foreach (var size in new[] { 0, 20, 200 })
        {
            all.Add($"functions: of {size} bytes", s =>
            {
                var module = new BombModule(s);
                var functions = new List<int>();
                for (var i = 0; i * (size + 8) < s; i++)
                {
                    functions.Add(module.Builder.Function(null, [], [], c => Each(c, size / 4, _ => c.I32(1).Emit(Op.Drop), null)));
                }

                module.Builder.PassiveElements([.. functions]);
                return module.Builder.Build();
            });
        }

        all.Add("functions: of 1,000 parameters each", s =>
        {
            var module = new BombModule(s);
            var functions = new List<int>();
            for (var i = 0; i * 1_020 < s; i++)
            {
                ValueKind[] kinds = [.. Enumerable.Range(0, 1_000).Select(bit => ((i >> (bit & 15)) & 1) == 0 ? ValueKind.I32 : ValueKind.F64)];
                functions.Add(module.Builder.Function($"f{i}", kinds, [], _ => { }));
            }

            return module.Builder.Build();
        });
        all.Add("functions: imports of 1,000 results each", s =>
        {
            var module = new ModuleBuilder();
            for (var i = 0; i * 1_020 < s; i++)
            {
                ValueKind[] kinds = [.. Enumerable.Range(0, 1_000).Select(bit => ((i >> (bit & 15)) & 1) == 0 ? ValueKind.I32 : ValueKind.V128)];
                module.ImportFunction("env", $"f{i}", kinds, kinds);
            }

            return module.Build();
        });
        return all;

        void Add(string name, Action<BombModule, Code> body)
        {
            all.Add(name, s =>
            {
                var module = new BombModule(s);

                // Once for the functions that it calls: they are there before the one that calls them.
                var trial = new Code(1);
                module.Enter(trial);
                body(module, trial);
                module.Builder.Function("run", Kinds.I32, [], c =>
                {
                    module.Enter(c);
                    body(module, c);
                });
                return module.Builder.Build();
            });
        }
    }

    private static byte[] Index(int type) => new WasmBuffer().Signed(type).ToArray();

    private static Vector128<byte> Vector(int seed) => Vector128.Create(seed, seed * 31, seed * 1_009, ~seed).AsByte();

    private static byte[] Lanes(int seed) => [.. Enumerable.Range(0, 16).Select(lane => (byte)(((seed * 7) + (lane * 5) + (seed >> 4)) & 31))];

    private static Code Each(Code code, int count, Action<int> open, Action? close, Action? between = null)
    {
        for (var i = 0; i < count; i++)
        {
            open(i);
        }

        between?.Invoke();
        for (var i = 0; close is not null && i < count; i++)
        {
            close();
        }

        return code;
    }

    /// <summary>As many locals as their code has room for, up to the limit; then again from the first.</summary>
    private static Code Locals(BombModule module, Code code, ValueKind kind, int bytes, Action<int> first, Action<int>? second)
    {
        var count = Math.Clamp(module / bytes, 1, 49_000);
        var start = code.Locals((uint)count, kind);
        for (var done = 0; done < module / bytes; done += count)
        {
            for (var i = 0; i < count; i++)
            {
                first(start + i);
            }

            for (var i = 0; second is not null && i < count; i++)
            {
                second(start + i);
            }
        }

        return code;
    }

    private static void Many(BombModule module, Code code, int locals, int bytes, Action<int> each)
    {
        var first = code.Locals((uint)locals, ValueKind.I32);
        for (var i = 0; i < module / bytes; i++)
        {
            each(first + (i % locals));
        }
    }

    private static void Deep(BombModule module, Code code, int most, Func<Code, Code> open, Action<int, int> end)
    {
        while (code.Instructions.Length < (int)module)
        {
            var before = code.Instructions.Length;
            var depth = Math.Min(most, Math.Max(1, module / 12));
            for (var i = 0; i < depth; i++)
            {
                open(code);
            }

            for (var i = depth - 1; i >= 0; i--)
            {
                end(depth, depth - 1 - i);
                code.Emit(Op.End);
            }
        }
    }

    private static void Tables(BombModule module, Code code, int labels, int blocks)
    {
        while (code.Instructions.Length < (int)module)
        {
            for (var i = 0; i < blocks; i++)
            {
                code.Emit(Op.Block).Raw(0x40);
            }

            code.Get(0).BrTable([.. Enumerable.Range(0, labels).Select(i => i % blocks)], 0);
            for (var i = 0; i < blocks; i++)
            {
                code.Emit(Op.End);
            }
        }
    }

    /// <summary>A module in the making, with what its one large function calls and uses; as a number, how many bytes that is to have.</summary>
    private sealed class BombModule
    {
        private readonly int _bytes;
        private readonly Dictionary<ValueKind, int> _give = [];
        private readonly Dictionary<ValueKind, int> _globals = [];
        private readonly Dictionary<ValueKind, int> _locals = [];
        private readonly Dictionary<int, int> _functions = [];
        private Code? _code;

        public BombModule(int bytes)
        {
            _bytes = bytes;
            Builder = new ModuleBuilder();
            Imported = Builder.ImportFunction("env", "nothing", [], []);
            Builder.Memory(1);
            Builder.Table(ValueKind.FuncRef, 8);
            Nothing = Builder.Function(null, [], [], _ => { });
            Same = Builder.Function(null, Kinds.I32, Kinds.I32, c => c.Get(0));
            foreach (var kind in AllKinds)
            {
                _globals[kind] = Builder.Global(kind, true, c => c.Zero(kind));
                _give[kind] = Builder.Function(null, [], [kind], c => c.Zero(kind));
            }

            Builder.Elements(0, Nothing, Same);
        }

        public ModuleBuilder Builder { get; }

        public int Imported { get; }

        public int Nothing { get; }

        public int Same { get; }

        public static implicit operator int(BombModule module) => module._bytes;

        public void Enter(Code code)
        {
            _code = code;
            _locals.Clear();
        }

        public int Type(ValueKind[] parameters, ValueKind[] results) => Builder.Type(parameters, results);

        public int Function(ValueKind[] parameters, ValueKind[] results)
        {
            var type = Type(parameters, results);
            if (!_functions.TryGetValue(type, out var function))
            {
                function = Builder.Function(null, parameters, results, c =>
                {
                    foreach (var kind in results)
                    {
                        c.Zero(kind);
                    }
                });
                _functions.Add(type, function);
            }

            return function;
        }

        public int Give(ValueKind kind) => _give[kind];

        public int Global(ValueKind kind) => _globals[kind];

        public int Local(ValueKind kind)
        {
            if (!_locals.TryGetValue(kind, out var local))
            {
                local = _code!.Local(kind);
                _locals.Add(kind, local);
            }

            return local;
        }
    }
}
