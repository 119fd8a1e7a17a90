using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Compilation;

/// <summary>
/// A rotation of a value that the runtime's compiler knows, by a count that it knows, has 32 bits and the sign that its upper bit says,
/// however it comes to know them.
/// </summary>
[Trait("Category", "Slow")]
public sealed class RotatedConstantTests
{
    private static readonly int[] _values = [1, 31, 7, 0x4000_0001, -1, int.MinValue, 0x1234_5678];

    private static readonly int[] _counts = [0, 1, 8, 31, 33];

    // How the value, which is also the function's only parameter, comes to be known.
    private static readonly Dictionary<string, Action<Code, int>> _origins = new()
    {
        ["const"] = (c, v) => c.I32(v),
        ["add"] = (c, v) => c.I32(v - 1).I32(1).Emit(Op.I32Add),
        ["sub"] = (c, v) => c.I32(v + 1).I32(1).Emit(Op.I32Sub),
        ["and"] = (c, v) => c.I32(v).I32(-1).Emit(Op.I32And),
        ["xor"] = (c, v) => c.I32(~v).I32(-1).Emit(Op.I32Xor),
        ["shl"] = (c, v) => c.I32((int)((uint)v >> 1)).I32(1).Emit(Op.I32Shl).I32(v & 1).Emit(Op.I32Or),
        ["wrap"] = (c, v) => c.I64(v).Emit(Op.I32WrapI64),
        ["wrap of an extension"] = (c, v) => c.I32(v).Emit(Op.I64ExtendI32S).Emit(Op.I32WrapI64),
        ["reinterpret"] = (c, v) => c.F32(BitConverter.Int32BitsToSingle(v)).Emit(Op.I32ReinterpretF32),
        ["a local"] = (c, v) =>
        {
            var local = c.Local(ValueKind.I32);
            c.I32(v).Set(local).Get(local);
        },
        ["a block"] = (c, v) => c.Block(b => b.I32(v), ValueKind.I32),
        ["a select"] = (c, v) => c.I32(v).I32(5).I32(1).Emit(Op.Select),
        ["a lane"] = (c, v) => c.I32(v).Simd(17).Simd(27).Raw(2),
        ["times one"] = (c, v) => c.I32(v).I32(1).Emit(Op.I32Mul),
        ["no difference to itself"] = (c, v) => c.Get(0).Get(0).Emit(Op.I32Sub).I32(v).Emit(Op.I32Add),
        ["compared"] = (c, v) => c.Get(0).I32(v).Emit(Op.I32Ne).If(t => t.I32(0).Emit(Op.Return)).Get(0),
        ["compared twice"] = (c, v) => c.Get(0).I32(v).Emit(Op.I32LtS).Get(0).I32(v).Emit(Op.I32GtS, Op.I32Or).If(t => t.I32(0).Emit(Op.Return)).Get(0),
    };

    private static readonly Dictionary<string, (Func<int, int> Value, Action<Code> Emit)> _consumers = new()
    {
        ["nothing"] = (v => v, _ => { }),
        ["shr_s"] = (v => v >> 10, c => c.I32(10).Emit(Op.I32ShrS)),
        ["shr_u"] = (v => (int)((uint)v >> 10), c => c.I32(10).Emit(Op.I32ShrU)),
        ["div_s"] = (v => v / 3, c => c.I32(3).Emit(Op.I32DivS)),
        ["rem_s"] = (v => v % 7, c => c.I32(7).Emit(Op.I32RemS)),
        ["lt_s"] = (v => v < 0 ? 1 : 0, c => c.I32(0).Emit(Op.I32LtS)),
        ["eqz"] = (v => v == 0 ? 1 : 0, c => c.Emit(Op.I32Eqz)),
        ["extended"] = (v => (int)((long)v >> 33), c => c.Emit(Op.I64ExtendI32S).I64(33).Emit(Op.I64ShrS).Emit(Op.I32WrapI64)),
        ["converted"] = (v => BitConverter.SingleToInt32Bits(v), c => c.Emit(Op.F32ConvertI32S).Emit(Op.I32ReinterpretF32)),
        ["rotated again"] = (v => int.RotateLeft(v, 3) >> 2, c => c.I32(3).Emit(Op.I32Rotl).I32(2).Emit(Op.I32ShrS)),
    };

    public static TheoryData<string> Origins => [.. _origins.Keys];

    [Theory]
    [MemberData(nameof(Origins))]
    public void It_is_what_it_is_of_an_unknown_value(string origin)
    {
        var module = new ModuleBuilder();
        var expected = new Dictionary<string, (int Argument, int Result)>();
        foreach (var value in _values)
        {
            foreach (var count in _counts)
            {
                foreach (var (consumer, (consume, emit)) in _consumers)
                {
                    foreach (var left in new[] { false, true })
                    {
                        foreach (var literal in new[] { false, true })
                        {
                            var name = $"rot{(left ? 'l' : 'r')} {value} by {count}, literal: {literal}, then {consumer}";
                            module.Function(name, Kinds.I32, Kinds.I32, c =>
                            {
                                _origins[origin](c, value);
                                _ = literal ? c.I32(count) : c.I32(count - 1).I32(1).Emit(Op.I32Add);
                                c.Emit(left ? Op.I32Rotl : Op.I32Rotr);
                                emit(c);
                            });
                            expected.Add(name, (value, consume(left ? int.RotateLeft(value, count) : int.RotateRight(value, count))));
                        }
                    }
                }
            }
        }

        using var guest = new Guest(module);
        var wrong = new List<string>();
        foreach (var (name, (argument, result)) in expected)
        {
            var actual = guest.Call(name, argument);
            if (actual != result)
            {
                wrong.Add($"{name}: {actual} instead of {result}");
            }
        }

        wrong.Count.ShouldBe(0, string.Join(Environment.NewLine, wrong.Take(20)));
    }

    [Theory]
    [InlineData(0x10, 5)]
    [InlineData(1, 9)]
    public void A_loop_that_tests_what_its_end_rotates_ends_when_that_is_zero(int start, int rounds)
    {
        // The loop's header is repeated at its end by the runtime's compiler, right behind the rotation.
        var module = new ModuleBuilder();
        module.Function("rounds", Kinds.I32, Kinds.I32, c =>
        {
            var count = c.Local(ValueKind.I32);
            c.Block(b => b.Loop(l => l
                .Get(0).Emit(Op.I32Eqz).BrIf(1)
                .Get(count).I32(1).Emit(Op.I32Add).Set(count)
                .Get(0).I32(0xFF).Emit(Op.I32And).I32(1).Emit(Op.I32Rotl).Set(0)
                .Get(0).I32(0x1FE).Emit(Op.I32And).I32(0).Emit(Op.I32Rotr).Set(0)
                .Get(count).I32(100).Emit(Op.I32LtS).BrIf(0))).Get(count);
        });
        using var guest = new Guest(module);
        guest.Call("rounds", start).ShouldBe(rounds);
    }
}
