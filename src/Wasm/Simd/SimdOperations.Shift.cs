using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using V128 = System.Runtime.Intrinsics.Vector128<byte>;

namespace HeliosEdge.Wasm.Simd;

// The shifts; the count is taken modulo the width of a lane.
internal static partial class SimdOperations
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16Shl(V128 a, int count) => a << (count & 7);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16ShrS(V128 a, int count)
    {
        if (Sse2.IsSupported)
        {
            // There is no shift of bytes: each is put in the upper half of 16 bits, and the shift is longer by 8.
            Vector128<short> low = Sse2.UnpackLow(a, a).AsInt16() >> ((count | 8) & 15);
            Vector128<short> high = Sse2.UnpackHigh(a, a).AsInt16() >> ((count | 8) & 15);
            return Sse2.PackSignedSaturate(low, high).AsByte();
        }

        return (a.AsSByte() >> (count & 7)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16ShrU(V128 a, int count) => a >>> (count & 7);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8Shl(V128 a, int count) => ((a.AsUInt16() << (count & 15))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8ShrS(V128 a, int count) => (a.AsInt16() >> (count & 15)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8ShrU(V128 a, int count) => ((a.AsUInt16() >>> (count & 15))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4Shl(V128 a, int count) => ((a.AsUInt32() << (count & 31))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4ShrS(V128 a, int count) => (a.AsInt32() >> (count & 31)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4ShrU(V128 a, int count) => ((a.AsUInt32() >>> (count & 31))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2Shl(V128 a, int count) => ((a.AsUInt64() << (count & 63))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2ShrS(V128 a, int count)
    {
        if (Avx512F.VL.IsSupported || AdvSimd.IsSupported)
        {
            return (a.AsInt64() >> (count & 63)).AsByte();
        }

        Vector128<ulong> sign = Vector128.Create(1UL << 63) >>> (count & 63);
        return (((a.AsUInt64() >>> (count & 63)) ^ sign) - sign).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2ShrU(V128 a, int count) => ((a.AsUInt64() >>> (count & 63))).AsByte();
}
