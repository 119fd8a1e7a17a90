using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using V128 = System.Runtime.Intrinsics.Vector128<byte>;

namespace HeliosEdge.Wasm.Simd;

// Integer operations whose result lanes are twice as wide as their operand lanes.
internal static partial class SimdOperations
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8ExtendLowI8x16S(V128 a) => Vector128.WidenLower(a.AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8ExtendHighI8x16S(V128 a) => Vector128.WidenUpper(a.AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8ExtendLowI8x16U(V128 a) => Vector128.WidenLower(a).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8ExtendHighI8x16U(V128 a) => Vector128.WidenUpper(a).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4ExtendLowI16x8S(V128 a) => Vector128.WidenLower(a.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4ExtendHighI16x8S(V128 a) => Vector128.WidenUpper(a.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4ExtendLowI16x8U(V128 a) => Vector128.WidenLower(a.AsUInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4ExtendHighI16x8U(V128 a) => Vector128.WidenUpper(a.AsUInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2ExtendLowI32x4S(V128 a) => Vector128.WidenLower(a.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2ExtendHighI32x4S(V128 a) => Vector128.WidenUpper(a.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2ExtendLowI32x4U(V128 a) => Vector128.WidenLower(a.AsUInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2ExtendHighI32x4U(V128 a) => Vector128.WidenUpper(a.AsUInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8ExtmulLowI8x16S(V128 a, V128 b)
    {
        if (AdvSimd.IsSupported)
        {
            return AdvSimd.MultiplyWideningLower(a.AsSByte().GetLower(), b.AsSByte().GetLower()).AsByte();
        }

        return (Vector128.WidenLower(a.AsSByte()) * Vector128.WidenLower(b.AsSByte())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8ExtmulHighI8x16S(V128 a, V128 b)
    {
        if (AdvSimd.IsSupported)
        {
            return AdvSimd.MultiplyWideningUpper(a.AsSByte(), b.AsSByte()).AsByte();
        }

        return (Vector128.WidenUpper(a.AsSByte()) * Vector128.WidenUpper(b.AsSByte())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8ExtmulLowI8x16U(V128 a, V128 b)
    {
        if (AdvSimd.IsSupported)
        {
            return AdvSimd.MultiplyWideningLower(a.GetLower(), b.GetLower()).AsByte();
        }

        return (Vector128.WidenLower(a) * Vector128.WidenLower(b)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8ExtmulHighI8x16U(V128 a, V128 b)
    {
        if (AdvSimd.IsSupported)
        {
            return AdvSimd.MultiplyWideningUpper(a, b).AsByte();
        }

        return (Vector128.WidenUpper(a) * Vector128.WidenUpper(b)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4ExtmulLowI16x8S(V128 a, V128 b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.UnpackLow(
                Sse2.MultiplyLow(a.AsInt16(), b.AsInt16()),
                Sse2.MultiplyHigh(a.AsInt16(), b.AsInt16())).AsByte();
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.MultiplyWideningLower(a.AsInt16().GetLower(), b.AsInt16().GetLower()).AsByte();
        }

        return (Vector128.WidenLower(a.AsInt16()) * Vector128.WidenLower(b.AsInt16())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4ExtmulHighI16x8S(V128 a, V128 b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.UnpackHigh(
                Sse2.MultiplyLow(a.AsInt16(), b.AsInt16()),
                Sse2.MultiplyHigh(a.AsInt16(), b.AsInt16())).AsByte();
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.MultiplyWideningUpper(a.AsInt16(), b.AsInt16()).AsByte();
        }

        return (Vector128.WidenUpper(a.AsInt16()) * Vector128.WidenUpper(b.AsInt16())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4ExtmulLowI16x8U(V128 a, V128 b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.UnpackLow(
                Sse2.MultiplyLow(a.AsUInt16(), b.AsUInt16()),
                Sse2.MultiplyHigh(a.AsUInt16(), b.AsUInt16())).AsByte();
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.MultiplyWideningLower(a.AsUInt16().GetLower(), b.AsUInt16().GetLower()).AsByte();
        }

        return (Vector128.WidenLower(a.AsUInt16()) * Vector128.WidenLower(b.AsUInt16())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4ExtmulHighI16x8U(V128 a, V128 b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.UnpackHigh(
                Sse2.MultiplyLow(a.AsUInt16(), b.AsUInt16()),
                Sse2.MultiplyHigh(a.AsUInt16(), b.AsUInt16())).AsByte();
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.MultiplyWideningUpper(a.AsUInt16(), b.AsUInt16()).AsByte();
        }

        return (Vector128.WidenUpper(a.AsUInt16()) * Vector128.WidenUpper(b.AsUInt16())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2ExtmulLowI32x4S(V128 a, V128 b)
    {
        if (Sse41.IsSupported)
        {
            // The multiplication reads the even lanes: the half is spread to them.
            return Sse41.Multiply(Sse2.Shuffle(a.AsInt32(), 0b_01_01_00_00), Sse2.Shuffle(b.AsInt32(), 0b_01_01_00_00)).AsByte();
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.MultiplyWideningLower(a.AsInt32().GetLower(), b.AsInt32().GetLower()).AsByte();
        }

        return (Vector128.WidenLower(a.AsInt32()) * Vector128.WidenLower(b.AsInt32())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2ExtmulHighI32x4S(V128 a, V128 b)
    {
        if (Sse41.IsSupported)
        {
            // The multiplication reads the even lanes: the half is spread to them.
            return Sse41.Multiply(Sse2.Shuffle(a.AsInt32(), 0b_11_11_10_10), Sse2.Shuffle(b.AsInt32(), 0b_11_11_10_10)).AsByte();
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.MultiplyWideningUpper(a.AsInt32(), b.AsInt32()).AsByte();
        }

        return (Vector128.WidenUpper(a.AsInt32()) * Vector128.WidenUpper(b.AsInt32())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2ExtmulLowI32x4U(V128 a, V128 b)
    {
        if (Sse2.IsSupported)
        {
            // The multiplication reads the even lanes: the half is spread to them.
            return Sse2.Multiply(Sse2.Shuffle(a.AsUInt32(), 0b_01_01_00_00), Sse2.Shuffle(b.AsUInt32(), 0b_01_01_00_00)).AsByte();
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.MultiplyWideningLower(a.AsUInt32().GetLower(), b.AsUInt32().GetLower()).AsByte();
        }

        return (Vector128.WidenLower(a.AsUInt32()) * Vector128.WidenLower(b.AsUInt32())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I64x2ExtmulHighI32x4U(V128 a, V128 b)
    {
        if (Sse2.IsSupported)
        {
            // The multiplication reads the even lanes: the half is spread to them.
            return Sse2.Multiply(Sse2.Shuffle(a.AsUInt32(), 0b_11_11_10_10), Sse2.Shuffle(b.AsUInt32(), 0b_11_11_10_10)).AsByte();
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.MultiplyWideningUpper(a.AsUInt32(), b.AsUInt32()).AsByte();
        }

        return (Vector128.WidenUpper(a.AsUInt32()) * Vector128.WidenUpper(b.AsUInt32())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8ExtaddPairwiseI8x16S(V128 a)
    {
        if (Ssse3.IsSupported)
        {
            return Ssse3.MultiplyAddAdjacent(V128.One, a.AsSByte()).AsByte();
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.AddPairwiseWidening(a.AsSByte()).AsByte();
        }

        return (((a.AsInt16() << 8) >> 8) + (a.AsInt16() >> 8)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8ExtaddPairwiseI8x16U(V128 a)
    {
        if (Ssse3.IsSupported)
        {
            return Ssse3.MultiplyAddAdjacent(a, Vector128<sbyte>.One).AsByte();
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.AddPairwiseWidening(a).AsByte();
        }

        return ((a.AsUInt16() & Vector128.Create((ushort)byte.MaxValue)) + (a.AsUInt16() >>> 8)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4ExtaddPairwiseI16x8S(V128 a)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.MultiplyAddAdjacent(a.AsInt16(), Vector128<short>.One).AsByte();
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.AddPairwiseWidening(a.AsInt16()).AsByte();
        }

        return (((a.AsInt32() << 16) >> 16) + (a.AsInt32() >> 16)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4ExtaddPairwiseI16x8U(V128 a)
    {
        if (AdvSimd.IsSupported)
        {
            return AdvSimd.AddPairwiseWidening(a.AsUInt16()).AsByte();
        }

        return ((a.AsUInt32() & Vector128.Create((uint)ushort.MaxValue)) + (a.AsUInt32() >>> 16)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4DotI16x8S(V128 a, V128 b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()).AsByte();
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.AddPairwise(
                AdvSimd.MultiplyWideningLower(a.AsInt16().GetLower(), b.AsInt16().GetLower()),
                AdvSimd.MultiplyWideningUpper(a.AsInt16(), b.AsInt16())).AsByte();
        }

        Vector128<int> even = ((a.AsInt32() << 16) >> 16) * ((b.AsInt32() << 16) >> 16);
        Vector128<int> odd = (a.AsInt32() >> 16) * (b.AsInt32() >> 16);
        return (even + odd).AsByte();
    }
}
