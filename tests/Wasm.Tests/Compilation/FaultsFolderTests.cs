using HeliosEdge.Wasm.Tests.Running;

namespace HeliosEdge.Wasm.Tests.Compilation;

/// <summary>The modules that once ran wrongly give what V8 and libwasmtime give.</summary>
public sealed class FaultsFolderTests
{
    [FaultsTheory]
    [InlineData("a1-snan-identity", "f0::i", "7FE00000")]
    [InlineData("a1-snan-identity", "f1::i", "7FE00000")]
    [InlineData("a1-snan-identity", "f2::i", "7FE00000")]
    [InlineData("a1-snan-identity", "f3::l", "7FFC000000000000")]
    [InlineData("a1-snan-identity", "f4::l", "7FFC000000000000")]
    [InlineData("a2-snan-constant-operand", "f0::l", "7FFC000000000000")]
    [InlineData("a2-snan-constant-operand", "f1::l", "7FFC000000000000")]
    [InlineData("a2-snan-constant-operand", "f2::l", "7FFC000000000000")]
    [InlineData("a2-snan-constant-operand", "f3::l", "FFF8FFF0FFF0FFF0")]
    [InlineData("b1-extract-lane-reinterpret", "f0::f", "1")]
    [InlineData("b1-extract-lane-reinterpret", "f1::f", "FFFFFF82")]
    [InlineData("b1-extract-lane-reinterpret", "f2::f", "10")]
    [InlineData("b2-extract-lane-last", "f0:i:f", "0")]
    [InlineData("c1-const-f32-snan", "f0::i", "7FA00000")]
    [InlineData("c1-const-f32-snan", "f1::i", "7FA00000")]
    [InlineData("c1-const-f32-snan", "f2::i", "7FA00000")]
    [InlineData("c1-const-f32-snan", "f3::i", "7FA00000")]
    [InlineData("c1-const-f32-snan", "f4::l", "7FA000007FA00000")]
    [InlineData("c1-const-f32-snan", "f5::l", "7FA0000000000000")]
    [InlineData("d1-rotate-folded-constant", "f0::i", "FFE00000")]
    [InlineData("d1-rotate-folded-constant", "f1::i", "FFE00000")]
    [InlineData("d1-rotate-folded-constant", "f2::i", "C0000007")]
    [InlineData("e1-simd-add-of-sub", "f0::ll", "7400000009 13C000000DD")]
    [InlineData("e1-simd-add-of-sub", "f1::ll", "300160001000A 7002E00050022")]
    [InlineData("e1-simd-add-of-sub", "f2::ll", "18C00000063 948000003DF")]
    [InlineData("e1-simd-add-of-sub", "f3::ll", "70605180302010A F0E0D340B0A0926")]
    [InlineData("narrow-load-reinterpret", "f", "1")]
    [InlineData("narrow-load-reinterpret", "last", "0")]
    public void It_gives_what_other_engines_give(string module, string export, string bits)
    {
        foreach (var metered in new[] { false, true })
        {
            using var guest = new Guest(File.ReadAllBytes(FaultsFolder.Module(module)), options: new CompileOptions { MeterFuel = metered });
            guest.Store.Fuel = metered ? long.MaxValue : guest.Store.Fuel;
            var arguments = guest.Function(export).Type.Parameters.Select(_ => WasmValue.FromI32(0)).ToArray();
            var results = guest.Invoke(export, arguments);
            string.Join(' ', results.Select(Bits)).ShouldBe(bits, $"metered: {metered}");
        }
    }

    private static string Bits(WasmValue value) =>
        value.Kind is ValueKind.I32 or ValueKind.F32 ? $"{(uint)value.Bits:X}" : $"{value.Bits:X}";
}
