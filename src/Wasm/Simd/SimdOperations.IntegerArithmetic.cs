using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using V128 = System.Runtime.Intrinsics.Vector128<byte>;

namespace HeliosEdge.Wasm.Simd;

// Integer arithmetic that wraps around, lane by lane.
internal static partial class SimdOperations
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16Add(V128 a, V128 b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16Sub(V128 a, V128 b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16Neg(V128 a) => (-a.AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16Abs(V128 a)
    {
        if (Ssse3.IsSupported)
        {
            return Ssse3.Abs(a.AsSByte());
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.Abs(a.AsSByte());
        }

        Vector128<sbyte> sign = Vector128.LessThan(a.AsSByte(), Vector128<sbyte>.Zero);
        return ((a.AsSByte() ^ sign) - sign).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16MinS(V128 a, V128 b) => Vector128.Min(a.AsSByte(), b.AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16MinU(V128 a, V128 b) => Vector128.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16MaxS(V128 a, V128 b) => Vector128.Max(a.AsSByte(), b.AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16MaxU(V128 a, V128 b) => Vector128.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16AvgrU(V128 a, V128 b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.Average(a, b);
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.FusedAddRoundedHalving(a, b);
        }

        return (a | b) - ((a ^ b) >>> 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16Popcnt(V128 a)
    {
        if (AdvSimd.IsSupported)
        {
            return AdvSimd.PopCount(a);
        }

        if (Ssse3.IsSupported)
        {
            V128 nibble = Vector128.Create((byte)0x0F);
            V128 counts = Vector128.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
            return Ssse3.Shuffle(counts, a & nibble) + Ssse3.Shuffle(counts, (a.AsUInt16() >>> 4).AsByte() & nibble);
        }

        V128 pairs = a - ((a >>> 1) & Vector128.Create((byte)0x55));
        V128 quads = (pairs & Vector128.Create((byte)0x33)) + ((pairs >>> 2) & Vector128.Create((byte)0x33));
        return (quads + (quads >>> 4)) & Vector128.Create((byte)0x0F);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8Add(V128 a, V128 b) => ((a.AsInt16() + b.AsInt16())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8Sub(V128 a, V128 b) => ((a.AsInt16() - b.AsInt16())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8Mul(V128 a, V128 b) => ((a.AsInt16() * b.AsInt16())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8Neg(V128 a) => (-a.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8Abs(V128 a)
    {
        if (Ssse3.IsSupported)
        {
            return Ssse3.Abs(a.AsInt16()).AsByte();
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.Abs(a.AsInt16()).AsByte();
        }

        Vector128<short> sign = Vector128.LessThan(a.AsInt16(), Vector128<short>.Zero);
        return ((a.AsInt16() ^ sign) - sign).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8MinS(V128 a, V128 b) => Vector128.Min(a.AsInt16(), b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8MinU(V128 a, V128 b) => Vector128.Min(a.AsUInt16(), b.AsUInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8MaxS(V128 a, V128 b) => Vector128.Max(a.AsInt16(), b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8MaxU(V128 a, V128 b) => Vector128.Max(a.AsUInt16(), b.AsUInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8AvgrU(V128 a, V128 b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.Average(a.AsUInt16(), b.AsUInt16()).AsByte();
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.FusedAddRoundedHalving(a.AsUInt16(), b.AsUInt16()).AsByte();
        }

        return (((a | b).AsUInt16() - ((a ^ b).AsUInt16() >>> 1))).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4Add(V128 a, V128 b) => ((a.AsInt32() + b.AsInt32())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4Sub(V128 a, V128 b) => ((a.AsInt32() - b.AsInt32())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4Mul(V128 a, V128 b) => ((a.AsInt32() * b.AsInt32())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4Neg(V128 a) => (-a.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4Abs(V128 a)
    {
        if (Ssse3.IsSupported)
        {
            return Ssse3.Abs(a.AsInt32()).AsByte();
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.Abs(a.AsInt32()).AsByte();
        }

        Vector128<int> sign = Vector128.LessThan(a.AsInt32(), Vector128<int>.Zero);
        return ((a.AsInt32() ^ sign) - sign).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4MinS(V128 a, V128 b) => Vector128.Min(a.AsInt32(), b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4MinU(V128 a, V128 b) => Vector128.Min(a.AsUInt32(), b.AsUInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4MaxS(V128 a, V128 b) => Vector128.Max(a.AsInt32(), b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4MaxU(V128 a, V128 b) => Vector128.Max(a.AsUInt32(), b.AsUInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2Add(V128 a, V128 b) => ((a.AsInt64() + b.AsInt64())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2Sub(V128 a, V128 b) => ((a.AsInt64() - b.AsInt64())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2Mul(V128 a, V128 b) => ((a.AsInt64() * b.AsInt64())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2Neg(V128 a) => (-a.AsInt64()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2Abs(V128 a)
    {
        if (Avx512F.VL.IsSupported)
        {
            return Avx512F.VL.Abs(a.AsInt64()).AsByte();
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.Abs(a.AsInt64()).AsByte();
        }

        Vector128<long> sign = Vector128.LessThan(a.AsInt64(), Vector128<long>.Zero);
        return ((a.AsInt64() ^ sign) - sign).AsByte();
    }
}
