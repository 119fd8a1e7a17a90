using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using V128 = System.Runtime.Intrinsics.Vector128<byte>;

namespace HeliosEdge.Wasm.Simd;

// Narrowing with saturation; the operands are signed in all forms, only the result is signed or not.
internal static partial class SimdOperations
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16NarrowI16x8S(V128 a, V128 b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.PackSignedSaturate(a.AsInt16(), b.AsInt16()).AsByte();
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.ExtractNarrowingSaturateUpper(AdvSimd.ExtractNarrowingSaturateLower(a.AsInt16()), b.AsInt16()).AsByte();
        }

        Vector128<short> minimum = Vector128.Create((short)sbyte.MinValue);
        Vector128<short> maximum = Vector128.Create((short)sbyte.MaxValue);
        return Vector128.Narrow(
            Vector128.Min(Vector128.Max(a.AsInt16(), minimum), maximum),
            Vector128.Min(Vector128.Max(b.AsInt16(), minimum), maximum)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I8x16NarrowI16x8U(V128 a, V128 b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.PackUnsignedSaturate(a.AsInt16(), b.AsInt16());
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.ExtractNarrowingSaturateUnsignedUpper(AdvSimd.ExtractNarrowingSaturateUnsignedLower(a.AsInt16()), b.AsInt16());
        }

        Vector128<short> minimum = Vector128.Create((short)byte.MinValue);
        Vector128<short> maximum = Vector128.Create((short)byte.MaxValue);
        return Vector128.Narrow(
            Vector128.Min(Vector128.Max(a.AsInt16(), minimum), maximum),
            Vector128.Min(Vector128.Max(b.AsInt16(), minimum), maximum)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8NarrowI32x4S(V128 a, V128 b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.PackSignedSaturate(a.AsInt32(), b.AsInt32()).AsByte();
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.ExtractNarrowingSaturateUpper(AdvSimd.ExtractNarrowingSaturateLower(a.AsInt32()), b.AsInt32()).AsByte();
        }

        Vector128<int> minimum = Vector128.Create((int)short.MinValue);
        Vector128<int> maximum = Vector128.Create((int)short.MaxValue);
        return Vector128.Narrow(
            Vector128.Min(Vector128.Max(a.AsInt32(), minimum), maximum),
            Vector128.Min(Vector128.Max(b.AsInt32(), minimum), maximum)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V128 I16x8NarrowI32x4U(V128 a, V128 b)
    {
        if (Sse41.IsSupported)
        {
            return Sse41.PackUnsignedSaturate(a.AsInt32(), b.AsInt32()).AsByte();
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.ExtractNarrowingSaturateUnsignedUpper(AdvSimd.ExtractNarrowingSaturateUnsignedLower(a.AsInt32()), b.AsInt32()).AsByte();
        }

        Vector128<int> minimum = Vector128.Create((int)ushort.MinValue);
        Vector128<int> maximum = Vector128.Create((int)ushort.MaxValue);
        return Vector128.Narrow(
            Vector128.Min(Vector128.Max(a.AsInt32(), minimum), maximum),
            Vector128.Min(Vector128.Max(b.AsInt32(), minimum), maximum)).AsByte();
    }
}
