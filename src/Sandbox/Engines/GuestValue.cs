namespace HeliosEdge.Sandbox.Engines;

/// <summary>A value that goes into a guest or comes out of it, for calls whose types are known only at run time.</summary>
/// <param name="Type">Its type as text: <c>i32</c>, <c>i64</c>, <c>f32</c>, <c>f64</c>, <c>v128</c>, <c>funcref</c> or <c>externref</c>.</param>
/// <param name="Bits">
/// Its bits, the bytes of a vector with lane 0 lowest; what the type does not have is 0. Of a reference, 0 for null and 1 for any other.
/// </param>
public readonly record struct GuestValue(string Type, UInt128 Bits)
{
    /// <summary>The text of the type of 32-bit integers.</summary>
    public const string I32Type = "i32";

    /// <summary>The text of the type of 64-bit integers.</summary>
    public const string I64Type = "i64";

    /// <summary>The text of the type of binary32 numbers.</summary>
    public const string F32Type = "f32";

    /// <summary>The text of the type of binary64 numbers.</summary>
    public const string F64Type = "f64";

    /// <summary>The text of the type of vectors.</summary>
    public const string V128Type = "v128";

    /// <summary>The text of the type of references to functions.</summary>
    public const string FuncRefType = "funcref";

    /// <summary>The text of the type of references to what is the host's.</summary>
    public const string ExternRefType = "externref";

    /// <summary>True for a reference, whether it is null or not.</summary>
    public bool IsReference => Type is FuncRefType or ExternRefType;

    /// <summary>The bits as a 32-bit integer.</summary>
    public int AsI32 => (int)(uint)Bits;

    /// <summary>The bits as a 64-bit integer.</summary>
    public long AsI64 => (long)(ulong)Bits;

    /// <summary>The bits as a binary32, NaN payload kept.</summary>
    public float AsF32 => BitConverter.UInt32BitsToSingle((uint)Bits);

    /// <summary>The bits as a binary64, NaN payload kept.</summary>
    public double AsF64 => BitConverter.UInt64BitsToDouble((ulong)Bits);

    /// <summary>An i32.</summary>
    public static GuestValue FromI32(int value) => new(I32Type, (uint)value);

    /// <summary>An i64.</summary>
    public static GuestValue FromI64(long value) => new(I64Type, (ulong)value);

    /// <summary>An f32, NaN payload kept.</summary>
    public static GuestValue FromF32(float value) => new(F32Type, BitConverter.SingleToUInt32Bits(value));

    /// <summary>An f64, NaN payload kept.</summary>
    public static GuestValue FromF64(double value) => new(F64Type, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>A v128, lane 0 in the lowest bits.</summary>
    public static GuestValue FromV128(UInt128 value) => new(V128Type, value);
}
