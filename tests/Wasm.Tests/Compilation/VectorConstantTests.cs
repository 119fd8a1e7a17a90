using System.Runtime.Intrinsics;
using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Simd;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Compilation;

/// <summary>
/// A vector instruction gives on constants, however they come about, what it gives on parameters. A constant whose first lane is
/// zero, one or all ones is another one than the vector of such lanes.
/// </summary>
[Trait("Category", "Slow")]
public sealed class VectorConstantTests
{
    private static readonly Vector128<byte>[] _constants =
    [
        default,
        Vector128<byte>.AllBitsSet,
        Bytes(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
        Vector128.Create(0, 100, 200, 300).AsByte(),
        Vector128.Create(0L, -1).AsByte(),
        Vector128.Create(-1, 0, 5, int.MinValue).AsByte(),
        Vector128.Create(1, 2, 3, 4).AsByte(),
        Vector128.Create(1f, 0f, -0f, 1f).AsByte(),
        Vector128.Create(-0.0, 1.0).AsByte(),
        Vector128.Create(0x7FA0_0000U, 0, 0x3F80_0000, 0xFFA0_0001).AsByte(),
        Vector128.Create(0x7FF4_0000_0000_0000UL, 0).AsByte(),
    ];

    private static readonly Vector128<byte>[] _others =
    [
        Bytes(200, 1, 127, 128, 255, 3, 0, 17, 90, 91, 92, 93, 0, 0, 128, 63),
        Vector128.Create(1.5f, 1f, 2f, -3f).AsByte(),
        Vector128.Create(0x7FF4_0000_0000_0001UL, 0x3FF8_0000_0000_0000UL).AsByte(),
        Vector128.Create(0x3FC0_0000U, 0x7FA0_0000, 0x3FC0_0000, 0x3FC0_0000).AsByte(),
    ];

    // Ways for code to have a vector that the runtime's compiler could find out: its bytes are given, or it has none to choose.
    private static readonly Dictionary<string, (Vector128<byte>? Only, Action<Code, Vector128<byte>> Emit)> _origins = new()
    {
        ["const"] = (null, (c, v) => c.V128(v)),
        ["a local"] = (null, (c, v) =>
        {
            var local = c.Local(ValueKind.V128);
            c.V128(v).Set(local).Get(local);
        }
        ),
        ["lanes put in one by one"] = (null, (c, v) =>
        {
            Zero(c);
            for (var lane = 0; lane < 4; lane++)
            {
                c.I32(v.AsInt32()[lane]).Simd(28).Raw((byte)lane);
            }
        }
        ),
        ["a splat and a lane"] = (null, (c, v) => c.I64(v.AsInt64()[0]).Simd(18).I64(v.AsInt64()[1]).Simd(30).Raw(1)),
        ["a local's zero"] = (default(Vector128<byte>), (c, _) => c.Get(c.Local(ValueKind.V128))),
        ["xor with itself"] = (default(Vector128<byte>), (c, _) => Zero(c)),
        ["andnot with itself"] = (default(Vector128<byte>), (c, _) => Twice(c, 79)),
        ["difference to itself"] = (default(Vector128<byte>), (c, _) => Twice(c, 177)),
        ["less than itself"] = (default(Vector128<byte>), (c, _) => Twice(c, 57)),
        ["equal to itself"] = (Vector128<byte>.AllBitsSet, (c, _) => Twice(c, 35)),
        ["not of xor"] = (Vector128<byte>.AllBitsSet, (c, _) =>
        {
            Zero(c);
            c.Simd(77);
        }
        ),
        ["ones shifted to a sign"] = (Vector128.Create(-0f).AsByte(), (c, _) => Twice(c, 35).I32(31).Simd(171)),
        ["ones shifted to one"] = (Vector128.Create(1f).AsByte(), (c, _) => Twice(c, 35).I32(25).Simd(173).I32(23).Simd(171)),
        ["ones shifted by a byte"] = (Vector128.Create(0xFFFF_FF00).AsByte(), (c, _) => Twice(c, 55).I32(8).Simd(171)),
    };

    public static TheoryData<string> Origins => [.. _origins.Keys];

    [Theory]
    [MemberData(nameof(Origins))]
    public void An_instruction_gives_on_it_what_it_gives_on_a_parameter(string origin)
    {
        var operations = Enumerable.Range(0, 256).Select(code => SimdOpcodes.Get((uint)code)).OfType<SimdOpcode>()
            .Where(o => o.Operands.All(kind => kind == ValueKind.V128) && o is { Operands.Length: 1 or 2, AccessBytes: 0, Immediate: SimdImmediate.None })
            .ToArray();
        var functions = new Functions(_constants, _others);
        foreach (var operation in operations)
        {
            if (operation.Operands.Length == 1)
            {
                functions.Add(origin, operation.Name, operation.Result!.Value, (c, constant, _) => Apply(c, operation, constant));
                continue;
            }

            functions.Add(origin, $"{operation.Name} x, k", operation.Result!.Value, (c, constant, x) => Apply(c, operation, x, constant));
            functions.Add(origin, $"{operation.Name} k, x", operation.Result!.Value, (c, constant, x) => Apply(c, operation, constant, x));
        }

        functions.Agree();
    }

    [Theory]
    [MemberData(nameof(Origins))]
    public void Two_instructions_give_on_it_what_they_give_on_a_parameter(string origin)
    {
        string[] inner = ["i8x16.sub", "i16x8.sub", "i32x4.sub", "i64x2.sub", "i8x16.add", "i32x4.add", "v128.and", "v128.andnot", "v128.or", "v128.xor", "i32x4.mul", "i32x4.eq", "f32x4.sub"];
        string[] outer = [.. inner, "i16x8.add", "i64x2.add", "i8x16.gt_s", "i32x4.min_s", "f64x2.add"];
        var functions = new Functions([_constants[2], _constants[3], Vector128.Create(0L, 100).AsByte()], _others[..2]);
        foreach (var first in inner.Select(Find))
        {
            foreach (var second in outer.Select(Find))
            {
                functions.Add(origin, $"{second.Name} x, ({first.Name} k, y)", ValueKind.V128, (c, k, x) => Apply(c, second, x, d => Apply(d, first, k, Other(x))));
                functions.Add(origin, $"{second.Name} x, ({first.Name} y, k)", ValueKind.V128, (c, k, x) => Apply(c, second, x, d => Apply(d, first, Other(x), k)));
                functions.Add(origin, $"{second.Name} ({first.Name} k, y), x", ValueKind.V128, (c, k, x) => Apply(c, second, d => Apply(d, first, k, Other(x)), x));
                functions.Add(origin, $"{second.Name} ({first.Name} x, k), k", ValueKind.V128, (c, k, x) => Apply(c, second, d => Apply(d, first, x, k), k));
            }
        }

        functions.Agree();
    }

    private static SimdOpcode Find(string name) =>
        Enumerable.Range(0, 256).Select(code => SimdOpcodes.Get((uint)code)).OfType<SimdOpcode>().Single(o => o.Name == name);

    private static void Apply(Code code, SimdOpcode operation, params Action<Code>[] operands)
    {
        foreach (var operand in operands)
        {
            operand(code);
        }

        code.Simd(operation.Code);
    }

    // The same vector in another order, by instructions that nothing merges with the others.
    private static Action<Code> Other(Action<Code> x) => c =>
    {
        x(c);
        x(c);
        c.Simd(213);
    };

    private static void Zero(Code code) => Twice(code, 81);

    private static Code Twice(Code code, uint operation)
    {
        var local = code.Local(ValueKind.V128);
        return code.I32(0).SimdAccess(0, 0).Tee(local).Get(local).Simd(operation);
    }

    private static Vector128<byte> Bytes(params byte[] bytes) => Vector128.Create(bytes);

    /// <summary>Functions on constants beside the same ones with parameters in the place of the constants.</summary>
    private sealed class Functions
    {
        private readonly Vector128<byte>[] _constants;
        private readonly Vector128<byte>[] _others;
        private readonly ModuleBuilder _module = new();
        private readonly List<(string Folded, string Computed, Vector128<byte> Constant)> _pairs = [];
        private readonly HashSet<string> _computed = [];

        public Functions(Vector128<byte>[] constants, Vector128<byte>[] others)
        {
            _constants = constants;
            _others = others;
            _module.Memory(1);
        }

        public void Add(string origin, string name, ValueKind result, Action<Code, Action<Code>, Action<Code>> body)
        {
            if (_computed.Add(name))
            {
                _module.Function(name, Kinds.Many(ValueKind.V128, 2), [result], c => body(c, d => d.Get(1), d => d.Get(0)));
            }

            var (only, emit) = _origins[origin];
            foreach (var constant in only is { } one ? [one] : _constants)
            {
                var folded = $"{name}, {constant}";
                _module.Function(folded, Kinds.Many(ValueKind.V128, 2), [result], c => body(c, d => emit(d, constant), d => d.Get(0)));
                _pairs.Add((folded, name, constant));
            }
        }

        public void Agree()
        {
            using var guest = new Guest(_module);
            var wrong = new List<string>();
            foreach (var (folded, computed, constant) in _pairs)
            {
                foreach (var x in _others)
                {
                    // Of two NaNs an instruction may give either.
                    if (folded.Contains('f') && HasNaN(constant) && (HasNaN(x) || computed.Contains('(')))
                    {
                        continue;
                    }

                    WasmValue[] arguments = [WasmValue.FromV128(x), WasmValue.FromV128(constant)];
                    var expected = Text(guest.Invoke(computed, arguments)[0]);
                    var actual = Text(guest.Invoke(folded, arguments)[0]);
                    if (actual != expected)
                    {
                        wrong.Add($"{folded}, x = {x}: {actual} instead of {expected}");
                    }
                }
            }

            wrong.Count.ShouldBe(0, string.Join(Environment.NewLine, wrong.Take(20)));
        }

        private static bool HasNaN(Vector128<byte> value) =>
            !Vector128.EqualsAll(value.AsSingle(), value.AsSingle()) || !Vector128.EqualsAll(value.AsDouble(), value.AsDouble());

        private static string Text(WasmValue value) => value.Kind == ValueKind.V128 ? $"{value.V128}" : $"{value.Bits:X}";
    }
}
