using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace HeliosEdge.Wasm.Runtime;

/// <summary>
/// Numeric instructions (core spec 4.3) that are not one IL instruction. All are inlined into compiled code.
/// Conversions rely on .NET's float-to-integer casts, which saturate and take NaN to 0 since .NET 9.
/// </summary>
internal static class NumericOperations
{
    // Division by zero is tested for: a processor fault in here, not in the guest's own code, would not count as the guest's.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RemS(int a, int b)
    {
        if (b == 0)
        {
            GuestTrap.IntegerDivideByZero();
        }

        return b == -1 ? 0 : a % b;
    }

    /// <inheritdoc cref="RemS(int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long RemS(long a, long b)
    {
        if (b == 0)
        {
            GuestTrap.IntegerDivideByZero();
        }

        return b == -1 ? 0 : a % b;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Min(float a, float b) => float.IsNaN(a) || float.IsNaN(b) ? a + b : MathF.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(float a, float b) => float.IsNaN(a) || float.IsNaN(b) ? a + b : MathF.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Min(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? a + b : Math.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Max(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? a + b : Math.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TruncateToI32(float value)
    {
        if (!(value >= -2147483648f && value < 2147483648f))
        {
            CannotTruncate(value);
        }

        return float.ConvertToIntegerNative<int>(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TruncateToI32(double value)
    {
        if (!(value > -2147483649.0 && value < 2147483648.0))
        {
            CannotTruncate(value);
        }

        return double.ConvertToIntegerNative<int>(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TruncateToU32(float value)
    {
        if (!(value > -1f && value < 4294967296f))
        {
            CannotTruncate(value);
        }

        return (int)float.ConvertToIntegerNative<long>(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TruncateToU32(double value)
    {
        if (!(value > -1.0 && value < 4294967296.0))
        {
            CannotTruncate(value);
        }

        return (int)double.ConvertToIntegerNative<long>(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long TruncateToI64(float value)
    {
        if (!(value >= -9223372036854775808f && value < 9223372036854775808f))
        {
            CannotTruncate(value);
        }

        return float.ConvertToIntegerNative<long>(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long TruncateToI64(double value)
    {
        if (!(value >= -9223372036854775808.0 && value < 9223372036854775808.0))
        {
            CannotTruncate(value);
        }

        return double.ConvertToIntegerNative<long>(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long TruncateToU64(float value)
    {
        if (!(value > -1f && value < 18446744073709551616f))
        {
            CannotTruncate(value);
        }

        return (long)(ulong)value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long TruncateToU64(double value)
    {
        if (!(value > -1.0 && value < 18446744073709551616.0))
        {
            CannotTruncate(value);
        }

        return (long)(ulong)value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SaturateToI32(float value) => (int)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SaturateToI32(double value) => (int)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SaturateToU32(float value) => (int)(uint)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SaturateToU32(double value) => (int)(uint)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long SaturateToI64(float value) => (long)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long SaturateToI64(double value) => (long)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long SaturateToU64(float value) => (long)(ulong)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long SaturateToU64(double value) => (long)(ulong)value;

    /// <summary>f64.promote_f32, as an instruction: the runtime's compiler would fold a cast there and back, which quiets no signaling NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Promote(float value) =>
        Sse2.IsSupported
            ? Sse2.ConvertScalarToVector128Double(Vector128<double>.Zero, Vector128.CreateScalarUnsafe(value)).ToScalar()
            : AdvSimd.Arm64.IsSupported
                ? AdvSimd.Arm64.ConvertToDouble(Vector64.CreateScalarUnsafe(value)).ToScalar()
                : value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float U32ToF32(int value) => (float)(long)(uint)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double U32ToF64(int value) => (double)(long)(uint)value;

    // Halving with a sticky last bit keeps the rounding of values past the signed range right.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float U64ToF32(long value) =>
        value >= 0 ? (float)value : (float)(long)(((ulong)value >> 1) | ((ulong)value & 1)) * 2f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double U64ToF64(long value) =>
        value >= 0 ? (double)value : (double)(long)(((ulong)value >> 1) | ((ulong)value & 1)) * 2.0;

    private static void CannotTruncate(double value)
    {
        if (double.IsNaN(value))
        {
            GuestTrap.InvalidConversion();
        }

        GuestTrap.IntegerOverflow();
    }
}
