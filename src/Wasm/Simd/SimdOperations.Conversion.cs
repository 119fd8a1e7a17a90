using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using V128 = System.Runtime.Intrinsics.Vector128<byte>;

namespace HeliosEdge.Wasm.Simd;

// Conversions between integer and floating-point lanes, and between the two floating-point widths.
internal static partial class SimdOperations
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4TruncSatF32x4S(V128 a) => Vector128.ConvertToInt32(a.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4TruncSatF32x4U(V128 a)
    {
        if (Sse41.IsSupported && !Avx512F.VL.IsSupported)
        {
            // maxps gives its second operand for a NaN. The conversion is signed and gives int.MinValue, which is 2^31, for 2^31
            // and more: what exceeds 2^31 is converted on its own, from 2^31 up to int.MaxValue instead.
            Vector128<float> positive = Sse.Max(a.AsSingle(), Vector128<float>.Zero);
            Vector128<float> excess = positive - Vector128.Create(2147483648.0f);
            Vector128<int> tooLarge = Vector128.GreaterThanOrEqual(excess, Vector128.Create(2147483648.0f)).AsInt32();
            Vector128<int> fromExcess = Sse2.ConvertToVector128Int32WithTruncation(excess) ^ tooLarge;
            return (Sse2.ConvertToVector128Int32WithTruncation(positive) + Sse41.Max(fromExcess, Vector128<int>.Zero)).AsByte();
        }

        return Vector128.ConvertToUInt32(a.AsSingle()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4TruncSatF64x2SZero(V128 a)
    {
        if (Sse2.IsSupported)
        {
            // minpd gives its second operand for a NaN: the mask makes that 0. Below the range the conversion itself gives int.MinValue.
            Vector128<double> maximum = Vector128.Equals(a.AsDouble(), a.AsDouble()) & Vector128.Create((double)int.MaxValue);
            return Sse2.ConvertToVector128Int32WithTruncation(Sse2.Min(a.AsDouble(), maximum)).AsByte();
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.ExtractNarrowingSaturateLower(AdvSimd.Arm64.ConvertToInt64RoundToZero(a.AsDouble())).ToVector128().AsByte();
        }

        return Vector128.Create((int)a.AsDouble().ToScalar(), (int)a.AsDouble().GetElement(1), 0, 0).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I32x4TruncSatF64x2UZero(V128 a)
    {
        if (Sse41.IsSupported)
        {
            // maxpd gives its second operand for a NaN. Adding 2^52 leaves the integer in the low bits of the significand.
            Vector128<double> inRange = Sse2.Min(Sse2.Max(a.AsDouble(), Vector128<double>.Zero), Vector128.Create((double)uint.MaxValue));
            Vector128<double> shifted = Sse41.RoundToZero(inRange) + Vector128.Create(4503599627370496.0);
            return Sse.Shuffle(shifted.AsSingle(), Vector128<float>.Zero, 0b_00_00_10_00).AsByte();
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.ExtractNarrowingSaturateLower(AdvSimd.Arm64.ConvertToUInt64RoundToZero(a.AsDouble())).ToVector128().AsByte();
        }

        return Vector128.Create((uint)a.AsDouble().ToScalar(), (uint)a.AsDouble().GetElement(1), 0, 0).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4ConvertI32x4S(V128 a) => Vector128.ConvertToSingle(a.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4ConvertI32x4U(V128 a) => Vector128.ConvertToSingle(a.AsUInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2ConvertLowI32x4S(V128 a)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.ConvertToVector128Double(a.AsInt32()).AsByte();
        }

        return Vector128.ConvertToDouble(Vector128.WidenLower(a.AsInt32())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2ConvertLowI32x4U(V128 a)
    {
        if (Avx512F.VL.IsSupported)
        {
            return Avx512F.VL.ConvertToVector128Double(a.AsUInt32()).AsByte();
        }

        if (Sse2.IsSupported)
        {
            // Under the exponent of 2^52 the integer is the low part of the significand.
            Vector128<double> shifted = Sse2.UnpackLow(a.AsUInt32(), Vector128.Create(0x4330_0000U)).AsDouble();
            return (shifted - Vector128.Create(4503599627370496.0)).AsByte();
        }

        return Vector128.ConvertToDouble(Vector128.WidenLower(a.AsUInt32())).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F32x4DemoteF64x2Zero(V128 a)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.ConvertToVector128Single(a.AsDouble()).AsByte();
        }

        return Vector128.Narrow(a.AsDouble(), Vector128<double>.Zero).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 F64x2PromoteLowF32x4(V128 a)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.ConvertToVector128Double(a.AsSingle()).AsByte();
        }

        return Vector128.WidenLower(a.AsSingle()).AsByte();
    }
}
