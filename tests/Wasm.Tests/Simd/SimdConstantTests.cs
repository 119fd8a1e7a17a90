using HeliosEdge.Wasm.Simd;

namespace HeliosEdge.Wasm.Tests.Simd;

public sealed class SimdConstantTests
{
    [Theory]
    [InlineData(0x0000_0000_7F80_0001UL, 0UL)]
    [InlineData(0xFFBF_FFFF_0000_0000UL, 0UL)]
    [InlineData(0UL, 0x0000_0000_FFA0_0000UL)]
    [InlineData(0UL, 0x7F80_0001_0000_0000UL)]
    public void Hides_signalling_NaNs_from_folding(ulong low, ulong high) =>
        SimdConstant.MethodFor(low, high).ShouldBe(nameof(SimdOperations.V128ConstUnfolded));

    [Theory]
    [InlineData(0x3F80_0000_3F80_0000UL, 0x3F80_0000_3F80_0000UL)]
    [InlineData(0x3FF0_0000_0000_0000UL, 0UL)]
    [InlineData(0UL, 0x3F80_0000_0000_0000UL)]
    public void Hides_ones_from_folding(ulong low, ulong high) =>
        SimdConstant.MethodFor(low, high).ShouldBe(nameof(SimdOperations.V128ConstUnfolded));

    [Theory]
    [InlineData(0UL, 0UL)]
    [InlineData(0x7F80_0000_FF80_0000UL, 0x7FC0_0000_FFC0_0001UL)]
    [InlineData(0xFFFF_FFFF_FFFF_FFFFUL, 0x4000_0000_4000_0000UL)]
    [InlineData(0x7FF0_0000_0000_0001UL, 0UL)]
    public void Lets_all_other_constants_be_folded(ulong low, ulong high) =>
        SimdConstant.MethodFor(low, high).ShouldBe(nameof(SimdOperations.V128Const));
}
