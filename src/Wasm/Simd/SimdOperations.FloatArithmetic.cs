using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using V128 = System.Runtime.Intrinsics.Vector128<byte>;

namespace HeliosEdge.Wasm.Simd;

// Floating-point arithmetic. Where an operand is a NaN the result is a quiet NaN (core spec 4.3.3), except for the
// operations that only move bits: abs, neg, pmin, pmax.
internal static partial class SimdOperations
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4Add(V128 a, V128 b) => (a.AsSingle() + b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4Sub(V128 a, V128 b) => (a.AsSingle() - b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4Mul(V128 a, V128 b) => (a.AsSingle() * b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4Div(V128 a, V128 b) => (a.AsSingle() / b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4Sqrt(V128 a) => Vector128.Sqrt(a.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4Abs(V128 a) => Vector128.AndNot(a.AsUInt32(), Vector128.Create(0x8000_0000U)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4Neg(V128 a) => (a.AsUInt32() ^ Vector128.Create(0x8000_0000U)).AsByte();

    // minps gives its second operand for two zeros: the or of both orders has the sign of -0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4Min(V128 a, V128 b)
    {
        if (Sse.IsSupported)
        {
            Vector128<float> ordered = Sse.Min(a.AsSingle(), b.AsSingle()) | Sse.Min(b.AsSingle(), a.AsSingle());
            return CanonicalWhere(Sse.CompareUnordered(a.AsSingle(), b.AsSingle()).AsUInt32(), ordered.AsUInt32());
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.Min(a.AsSingle(), b.AsSingle()).AsByte();
        }

        return Quiet(Vector128.Min(a.AsSingle(), b.AsSingle())).AsByte();
    }

    // maxps gives its second operand for two zeros: the and of both orders has the sign of +0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4Max(V128 a, V128 b)
    {
        if (Sse.IsSupported)
        {
            Vector128<float> ordered = Sse.Max(a.AsSingle(), b.AsSingle()) & Sse.Max(b.AsSingle(), a.AsSingle());
            return CanonicalWhere(Sse.CompareUnordered(a.AsSingle(), b.AsSingle()).AsUInt32(), ordered.AsUInt32());
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.Max(a.AsSingle(), b.AsSingle()).AsByte();
        }

        return Quiet(Vector128.Max(a.AsSingle(), b.AsSingle())).AsByte();
    }

    // b < a ? b : a
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4Pmin(V128 a, V128 b)
    {
        if (Sse.IsSupported)
        {
            return Sse.Min(b.AsSingle(), a.AsSingle()).AsByte();
        }

        return Vector128.ConditionalSelect(Vector128.LessThan(b.AsSingle(), a.AsSingle()), b.AsSingle(), a.AsSingle()).AsByte();
    }

    // a < b ? b : a
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4Pmax(V128 a, V128 b)
    {
        if (Sse.IsSupported)
        {
            return Sse.Max(b.AsSingle(), a.AsSingle()).AsByte();
        }

        return Vector128.ConditionalSelect(Vector128.LessThan(a.AsSingle(), b.AsSingle()), b.AsSingle(), a.AsSingle()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4Ceil(V128 a)
    {
        if (Sse41.IsSupported || AdvSimd.IsSupported)
        {
            return Vector128.Ceiling(a.AsSingle()).AsByte();
        }

        return Quiet(Vector128.Ceiling(a.AsSingle())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4Floor(V128 a)
    {
        if (Sse41.IsSupported || AdvSimd.IsSupported)
        {
            return Vector128.Floor(a.AsSingle()).AsByte();
        }

        return Quiet(Vector128.Floor(a.AsSingle())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4Trunc(V128 a)
    {
        if (Sse41.IsSupported || AdvSimd.IsSupported)
        {
            return Vector128.Truncate(a.AsSingle()).AsByte();
        }

        return Quiet(Vector128.Truncate(a.AsSingle())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4Nearest(V128 a)
    {
        if (Sse41.IsSupported || AdvSimd.IsSupported)
        {
            return Vector128.Round(a.AsSingle()).AsByte();
        }

        return Quiet(Vector128.Round(a.AsSingle())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V128 CanonicalWhere(Vector128<uint> isNaN, Vector128<uint> value) =>
        Vector128.AndNot(value | isNaN, isNaN >>> 10).AsByte();

    // The library's scalar code may hand a signalling NaN through; the result of an operation has to be a quiet one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Quiet(Vector128<float> value) =>
        Vector128.ConditionalSelect(Vector128.Equals(value, value), value, value | Vector128.Create(0x0040_0000U).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2Add(V128 a, V128 b) => (a.AsDouble() + b.AsDouble()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2Sub(V128 a, V128 b) => (a.AsDouble() - b.AsDouble()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2Mul(V128 a, V128 b) => (a.AsDouble() * b.AsDouble()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2Div(V128 a, V128 b) => (a.AsDouble() / b.AsDouble()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2Sqrt(V128 a) => Vector128.Sqrt(a.AsDouble()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2Abs(V128 a) => Vector128.AndNot(a.AsUInt64(), Vector128.Create(0x8000_0000_0000_0000UL)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2Neg(V128 a) => (a.AsUInt64() ^ Vector128.Create(0x8000_0000_0000_0000UL)).AsByte();

    // minpd gives its second operand for two zeros: the or of both orders has the sign of -0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2Min(V128 a, V128 b)
    {
        if (Sse2.IsSupported)
        {
            Vector128<double> ordered = Sse2.Min(a.AsDouble(), b.AsDouble()) | Sse2.Min(b.AsDouble(), a.AsDouble());
            return CanonicalWhere(Sse2.CompareUnordered(a.AsDouble(), b.AsDouble()).AsUInt64(), ordered.AsUInt64());
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.Min(a.AsDouble(), b.AsDouble()).AsByte();
        }

        return Quiet(Vector128.Min(a.AsDouble(), b.AsDouble())).AsByte();
    }

    // maxpd gives its second operand for two zeros: the and of both orders has the sign of +0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2Max(V128 a, V128 b)
    {
        if (Sse2.IsSupported)
        {
            Vector128<double> ordered = Sse2.Max(a.AsDouble(), b.AsDouble()) & Sse2.Max(b.AsDouble(), a.AsDouble());
            return CanonicalWhere(Sse2.CompareUnordered(a.AsDouble(), b.AsDouble()).AsUInt64(), ordered.AsUInt64());
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.Max(a.AsDouble(), b.AsDouble()).AsByte();
        }

        return Quiet(Vector128.Max(a.AsDouble(), b.AsDouble())).AsByte();
    }

    // b < a ? b : a
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2Pmin(V128 a, V128 b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.Min(b.AsDouble(), a.AsDouble()).AsByte();
        }

        return Vector128.ConditionalSelect(Vector128.LessThan(b.AsDouble(), a.AsDouble()), b.AsDouble(), a.AsDouble()).AsByte();
    }

    // a < b ? b : a
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2Pmax(V128 a, V128 b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.Max(b.AsDouble(), a.AsDouble()).AsByte();
        }

        return Vector128.ConditionalSelect(Vector128.LessThan(a.AsDouble(), b.AsDouble()), b.AsDouble(), a.AsDouble()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2Ceil(V128 a)
    {
        if (Sse41.IsSupported || AdvSimd.Arm64.IsSupported)
        {
            return Vector128.Ceiling(a.AsDouble()).AsByte();
        }

        return Quiet(Vector128.Ceiling(a.AsDouble())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2Floor(V128 a)
    {
        if (Sse41.IsSupported || AdvSimd.Arm64.IsSupported)
        {
            return Vector128.Floor(a.AsDouble()).AsByte();
        }

        return Quiet(Vector128.Floor(a.AsDouble())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2Trunc(V128 a)
    {
        if (Sse41.IsSupported || AdvSimd.Arm64.IsSupported)
        {
            return Vector128.Truncate(a.AsDouble()).AsByte();
        }

        return Quiet(Vector128.Truncate(a.AsDouble())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2Nearest(V128 a)
    {
        if (Sse41.IsSupported || AdvSimd.Arm64.IsSupported)
        {
            return Vector128.Round(a.AsDouble()).AsByte();
        }

        return Quiet(Vector128.Round(a.AsDouble())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V128 CanonicalWhere(Vector128<ulong> isNaN, Vector128<ulong> value) =>
        Vector128.AndNot(value | isNaN, isNaN >>> 13).AsByte();

    // The library's scalar code may hand a signalling NaN through; the result of an operation has to be a quiet one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> Quiet(Vector128<double> value) =>
        Vector128.ConditionalSelect(Vector128.Equals(value, value), value, value | Vector128.Create(0x0008_0000_0000_0000UL).AsDouble());
}
