using HeliosEdge.Testing.Building;
using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Compilation;

/// <summary>
/// A value that comes from one or two bytes has only those in it, whatever it goes through and whatever takes it: machine code that
/// merges the place where it comes from with the instruction that takes it must not read more. Here other bytes lie around the
/// place, and once there is no memory behind it.
/// </summary>
[Trait("Category", "Slow")]
public sealed class NarrowSourceTests
{
    private const int Middle = 4096;
    private const int Last = 65_536 - 16;
    private const int Scratch = 1024;

    private static readonly byte[] _bytes = [0x81, 0x92, 0xA3, 0x34, 0x45, 0xD6, 0x67, 0xF8, 0x89, 0x9A, 0x2B, 0xBC, 0x4D, 0xDE, 0xEF, 0xF1];

    // What leaves an i32 that has one or two bytes of the 16 at a place.
    private static readonly Dictionary<string, (Func<byte[], int> Value, Action<Code, Parts> Emit)> _sources = new()
    {
        ["load8_s"] = (b => (sbyte)b[15], (c, p) => c.I32(p.Place).Access(Op.I32Load8S, 15)),
        ["load8_u"] = (b => b[15], (c, p) => c.I32(p.Place).Access(Op.I32Load8U, 15)),
        ["load16_s"] = (b => BitConverter.ToInt16(b, 14), (c, p) => c.I32(p.Place).Access(Op.I32Load16S, 14)),
        ["load16_u"] = (b => BitConverter.ToUInt16(b, 14), (c, p) => c.I32(p.Place).Access(Op.I32Load16U, 14)),
        ["load8_u of a local"] = (b => b[15], (c, p) => c.Get(p.Address).Access(Op.I32Load8U, 15)),
        ["wide load8_s"] = (b => (sbyte)b[15], (c, p) => c.I32(p.Place).Access(Op.I64Load8S, 15).Emit(Op.I32WrapI64)),
        ["wide load16_u"] = (b => BitConverter.ToUInt16(b, 14), (c, p) => c.I32(p.Place).Access(Op.I64Load16U, 14).Emit(Op.I32WrapI64)),
        ["wide load32_u"] = (b => BitConverter.ToInt32(b, 12), (c, p) => c.I32(p.Place).Access(Op.I64Load32U, 12).Emit(Op.I32WrapI64)),
        ["extend8_s of load8_u"] = (b => (sbyte)b[15], (c, p) => c.I32(p.Place).Access(Op.I32Load8U, 15).Emit(Op.I32Extend8S)),
        ["extend8_s of load"] = (b => (sbyte)b[12], (c, p) => c.I32(p.Place).Access(Op.I32Load, 12).Emit(Op.I32Extend8S)),
        ["extend16_s of load"] = (b => BitConverter.ToInt16(b, 12), (c, p) => c.I32(p.Place).Access(Op.I32Load, 12).Emit(Op.I32Extend16S)),
        ["load & 255"] = (b => b[12], (c, p) => c.I32(p.Place).Access(Op.I32Load, 12).I32(255).Emit(Op.I32And)),
        ["load & 65535"] = (b => BitConverter.ToUInt16(b, 12), (c, p) => c.I32(p.Place).Access(Op.I32Load, 12).I32(65535).Emit(Op.I32And)),
        ["load16_s & 255"] = (b => b[14], (c, p) => c.I32(p.Place).Access(Op.I32Load16S, 14).I32(255).Emit(Op.I32And)),
        ["lane 15 of 8 bits, with sign"] = (b => (sbyte)b[15], (c, p) => Vector(c, p).Simd(21).Raw(15)),
        ["lane 15 of 8 bits"] = (b => b[15], (c, p) => Vector(c, p).Simd(22).Raw(15)),
        ["lane 7 of 16 bits, with sign"] = (b => BitConverter.ToInt16(b, 14), (c, p) => Vector(c, p).Simd(24).Raw(7)),
        ["lane 7 of 16 bits"] = (b => BitConverter.ToUInt16(b, 14), (c, p) => Vector(c, p).Simd(25).Raw(7)),
        ["lane of a local"] = (b => b[15], (c, p) => Vector(c, p).Set(p.Vector).Get(p.Vector).Simd(22).Raw(15)),
        ["lane of a global"] = (b => (sbyte)b[15], (c, p) => Vector(c, p).GlobalSet(0).GlobalGet(0).Simd(21).Raw(15)),
        ["lane of a result"] = (b => BitConverter.ToUInt16(b, 14), (c, p) => c.I32(p.Place).Call(0).Simd(25).Raw(7)),
        ["lane of a load8_splat"] = (b => b[15], (c, p) => c.I32(p.Place).SimdAccess(7, 15).Simd(22).Raw(3)),
        ["lane of a load8_lane"] = (b => b[15], (c, p) => Vector(c.I32(p.Place), p).SimdAccess(84, 15).Raw(2).Simd(22).Raw(2)),
        ["lane of a load16_lane"] = (b => BitConverter.ToInt16(b, 14), (c, p) => Vector(c.I32(p.Place), p).SimdAccess(85, 14).Raw(7).Simd(24).Raw(7)),
    };

    // What an i32 goes through, and what becomes of it.
    private static readonly Dictionary<string, (Func<int, int> Value, Action<Code, Parts> Emit)> _carriers = new()
    {
        ["nothing"] = (v => v, (_, _) => { }),
        ["or 0"] = (v => v, (c, _) => c.I32(0).Emit(Op.I32Or)),
        ["a local"] = (v => v, (c, p) => c.Set(p.Scalar).Get(p.Scalar)),
        ["a local used twice"] = (v => v, (c, p) => c.Tee(p.Scalar).Get(p.Scalar).Emit(Op.I32And)),
        ["a narrow store"] = (v => (sbyte)v, (c, p) => c.Set(p.Scalar).I32(Scratch).Get(p.Scalar).Access(Op.I32Store8, 0).I32(Scratch).Access(Op.I32Load8S, 0)),
        ["a wider store"] = (v => (ushort)v, (c, p) => c.Set(p.Scalar).I32(Scratch).Get(p.Scalar).Access(Op.I32Store16, 0).I32(Scratch).Access(Op.I32Load16U, 0)),
        ["a block"] = (v => v, (c, p) => c.Set(p.Scalar).Block(b => b.Get(p.Scalar), ValueKind.I32)),
        ["a select"] = (v => v, (c, p) => c.I32(7).Get(p.Address).Emit(Op.Select)),
        ["a call"] = (v => v, (c, _) => c.Call(1)),
        ["a shift to and fro"] = (v => (byte)v, (c, _) => c.I32(24).Emit(Op.I32Shl).I32(24).Emit(Op.I32ShrU)),
    };

    // What takes an i32, and the 64 bits that it makes of it.
    private static readonly Dictionary<string, (Func<int, ulong> Value, Action<Code, Parts> Emit)> _sinks = new()
    {
        ["f32.reinterpret"] = (v => (uint)v, (c, _) => c.Emit(Op.F32ReinterpretI32).Emit(Op.I32ReinterpretF32).Emit(Op.I64ExtendI32U)),
        ["f32.reinterpret in a local"] = (v => (uint)v, (c, p) => c.Emit(Op.F32ReinterpretI32).Set(p.Single).Get(p.Single).Emit(Op.I32ReinterpretF32).Emit(Op.I64ExtendI32U)),
        ["f32.reinterpret stored"] = (v => (uint)v, (c, p) => c.Set(p.Scalar).I32(Scratch).Get(p.Scalar).Emit(Op.F32ReinterpretI32).Access(Op.F32Store, 0).I32(Scratch).Access(Op.I64Load32U, 0)),
        ["f32.reinterpret splat"] = (v => (uint)v | ((ulong)(uint)v << 32), (c, _) => c.Emit(Op.F32ReinterpretI32).Simd(19).Simd(29).Raw(1)),
        ["f32.reinterpret in a lane"] = (v => (uint)v, (c, p) => c.Set(p.Scalar).V128(default).Get(p.Scalar).Emit(Op.F32ReinterpretI32).Simd(32).Raw(2).Simd(29).Raw(1)),
        ["f32.reinterpret, negated"] = (v => (uint)v ^ 0x8000_0000, (c, _) => c.Emit(Op.F32ReinterpretI32).Emit(Op.F32Neg).Emit(Op.I32ReinterpretF32).Emit(Op.I64ExtendI32U)),
        ["f32.reinterpret in a global"] = (v => (uint)v, (c, _) => c.Emit(Op.F32ReinterpretI32).GlobalSet(1).GlobalGet(1).Emit(Op.I32ReinterpretF32).Emit(Op.I64ExtendI32U)),
        ["f64.reinterpret"] = (v => (ulong)v, (c, _) => c.Emit(Op.I64ExtendI32S).Emit(Op.F64ReinterpretI64).Emit(Op.I64ReinterpretF64)),
        ["f64.reinterpret, unsigned"] = (v => (uint)v, (c, _) => c.Emit(Op.I64ExtendI32U).Emit(Op.F64ReinterpretI64).Emit(Op.I64ReinterpretF64)),
        ["i8x16.splat"] = (v => (byte)v * 0x0101_0101_0101_0101UL, (c, _) => c.Simd(15).Simd(29).Raw(1)),
        ["i16x8.splat"] = (v => (ushort)v * 0x0001_0001_0001_0001UL, (c, _) => c.Simd(16).Simd(29).Raw(1)),
        ["i32x4.splat"] = (v => (uint)v * 0x0000_0001_0000_0001UL, (c, _) => c.Simd(17).Simd(29).Raw(1)),
        ["i64x2.splat"] = (v => (ulong)v, (c, _) => c.Emit(Op.I64ExtendI32S).Simd(18).Simd(29).Raw(1)),
        ["i8x16.replace_lane"] = (v => (byte)v, (c, p) => c.Set(p.Scalar).V128(default).Get(p.Scalar).Simd(23).Raw(8).Simd(29).Raw(1)),
        ["i16x8.replace_lane"] = (v => (ushort)v, (c, p) => c.Set(p.Scalar).V128(default).Get(p.Scalar).Simd(26).Raw(4).Simd(29).Raw(1)),
        ["i32x4.replace_lane"] = (v => (uint)v, (c, p) => c.Set(p.Scalar).V128(default).Get(p.Scalar).Simd(28).Raw(2).Simd(29).Raw(1)),
        ["i64x2.replace_lane"] = (v => (uint)v, (c, p) => c.Set(p.Scalar).V128(default).Get(p.Scalar).Emit(Op.I64ExtendI32U).Simd(30).Raw(1).Simd(29).Raw(1)),
        ["f32.convert_s"] = (v => BitConverter.SingleToUInt32Bits(v), (c, _) => c.Emit(Op.F32ConvertI32S).Emit(Op.I32ReinterpretF32).Emit(Op.I64ExtendI32U)),
        ["f32.convert_u"] = (v => BitConverter.SingleToUInt32Bits((uint)v), (c, _) => c.Emit(Op.F32ConvertI32U).Emit(Op.I32ReinterpretF32).Emit(Op.I64ExtendI32U)),
        ["f64.convert_s"] = (v => BitConverter.DoubleToUInt64Bits(v), (c, _) => c.Emit(Op.F64ConvertI32S).Emit(Op.I64ReinterpretF64)),
        ["f64.convert_u"] = (v => BitConverter.DoubleToUInt64Bits((uint)v), (c, _) => c.Emit(Op.F64ConvertI32U).Emit(Op.I64ReinterpretF64)),
        ["f64.convert_s of 64 bits"] = (v => BitConverter.DoubleToUInt64Bits(v), (c, _) => c.Emit(Op.I64ExtendI32S).Emit(Op.F64ConvertI64S).Emit(Op.I64ReinterpretF64)),
        ["f32.convert_u of 64 bits"] = (v => BitConverter.SingleToUInt32Bits((ulong)(uint)v), (c, _) => c.Emit(Op.I64ExtendI32U).Emit(Op.F32ConvertI64U).Emit(Op.I32ReinterpretF32).Emit(Op.I64ExtendI32U)),
        ["a vector's shift"] = (v => 0x0102_0304_0506_0708UL << (v & 63), (c, p) => c.Set(p.Scalar).I64(0x0102_0304_0506_0708).Simd(18).Get(p.Scalar).Simd(203).Simd(29).Raw(0)),
        ["i32.popcnt"] = (v => (ulong)int.PopCount(v), (c, _) => c.Emit(Op.I32Popcnt).Emit(Op.I64ExtendI32U)),
        ["i32.clz"] = (v => (ulong)int.LeadingZeroCount(v), (c, _) => c.Emit(Op.I32Clz).Emit(Op.I64ExtendI32U)),
        ["i32.add"] = (v => (uint)(v + 1), (c, _) => c.I32(1).Emit(Op.I32Add).Emit(Op.I64ExtendI32U)),
        ["i32.store"] = (v => (uint)v, (c, p) => c.Set(p.Scalar).I32(Scratch).Get(p.Scalar).Access(Op.I32Store, 0).I32(Scratch).Access(Op.I64Load32U, 0)),
        ["i64.store16"] = (v => (ushort)v, (c, p) => c.Set(p.Scalar).I32(Scratch).I64(0).Access(Op.I64Store, 0).I32(Scratch).Get(p.Scalar).Emit(Op.I64ExtendI32S).Access(Op.I64Store16, 0).I32(Scratch).Access(Op.I64Load, 0)),
    };

    public static TheoryData<string> Sources => [.. _sources.Keys];

    [Theory]
    [MemberData(nameof(Sources))]
    public void It_has_only_its_own_bytes_in_it(string source)
    {
        var module = new ModuleBuilder();
        module.Memory(1, 1);
        module.Data(Middle, [.. _bytes, .. _bytes]);
        module.Data(Last, _bytes);
        module.Global(ValueKind.V128, true, c => c.V128(default));
        module.Global(ValueKind.F32, true, c => c.F32(0));
        module.Function(null, Kinds.I32, Kinds.V128, c => c.Get(0).SimdAccess(0, 0));
        module.Function(null, Kinds.I32, Kinds.I32, c => c.Get(0));
        var expected = new Dictionary<string, (int Place, ulong Bits)>();
        foreach (var place in new[] { Middle, Last })
        {
            foreach (var (carrier, (carry, emitCarrier)) in _carriers)
            {
                foreach (var (sink, (take, emitSink)) in _sinks)
                {
                    var name = $"{place}: {source}, {carrier}, {sink}";
                    module.Function(name, Kinds.I32, Kinds.I64, c =>
                    {
                        var parts = new Parts(place, 0, c.Local(ValueKind.I32), c.Local(ValueKind.V128), c.Local(ValueKind.F32));
                        _sources[source].Emit(c, parts);
                        emitCarrier(c, parts);
                        emitSink(c, parts);
                    });
                    expected.Add(name, (place, take(carry(_sources[source].Value(_bytes)))));
                }
            }
        }

        var wasm = module.Build();
        foreach (var metered in new[] { false, true })
        {
            using var guest = new Guest(wasm, options: new CompileOptions { MeterFuel = metered });
            guest.Store.Fuel = metered ? long.MaxValue : guest.Store.Fuel;
            var wrong = new List<string>();
            foreach (var (name, (place, bits)) in expected)
            {
                var actual = (ulong)guest.Invoke(name, WasmValue.FromI32(place))[0].I64;
                if (actual != bits)
                {
                    wrong.Add($"{name}: {actual:X} instead of {bits:X}, metered: {metered}");
                }
            }

            wrong.ShouldBeEmpty($"{wrong.Count} of {expected.Count}");
        }
    }

    private static Code Vector(Code code, Parts parts) => code.I32(parts.Place).SimdAccess(0, 0);

    /// <summary>The place in memory, and the locals that a function of these has.</summary>
    private readonly record struct Parts(int Place, int Address, int Scalar, int Vector, int Single);
}
