namespace HeliosEdge.Wasm.Simd;

/// <summary>Which method of <see cref="SimdOperations"/> makes a constant.</summary>
/// <remarks>
/// The JIT compiler holds constant floats as doubles, and by that makes a signalling NaN a quiet one when it folds a lane of a
/// constant or broadcasts it from memory; and it folds <c>x * 1</c> to <c>x</c>, which leaves a signalling NaN in <c>x</c> as it is.
/// Constants with such lanes are made in a way that it does not see through.
/// </remarks>
internal static class SimdConstant
{
    /// <summary>The name of the method, which takes the lower and the upper 8 bytes of the constant.</summary>
    internal static string MethodFor(ulong low, ulong high) =>
        HasSignallingLane(low) || HasSignallingLane(high) || IsOne(low) || IsOne(high)
            ? nameof(SimdOperations.V128ConstUnfolded)
            : nameof(SimdOperations.V128Const);

    private static bool HasSignallingLane(ulong lanes) => IsSignalling((uint)lanes) || IsSignalling((uint)(lanes >> 32));

    private static bool IsOne(ulong lanes) =>
        lanes == BitConverter.DoubleToUInt64Bits(1)
        || (uint)lanes == BitConverter.SingleToUInt32Bits(1)
        || (uint)(lanes >> 32) == BitConverter.SingleToUInt32Bits(1);

    private static bool IsSignalling(uint lane) => (lane & 0x7FC0_0000) == 0x7F80_0000 && (lane & 0x003F_FFFF) != 0;
}
