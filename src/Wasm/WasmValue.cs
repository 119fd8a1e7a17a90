using System.Runtime.Intrinsics;

namespace HeliosEdge.Wasm;

/// <summary>
/// One WebAssembly value of any type, for calls whose types are known only at run time.
/// Calls whose types are known at compile time avoid it through <see cref="Function.AsFunc{TResult}"/> and its siblings.
/// </summary>
public readonly struct WasmValue : IEquatable<WasmValue>
{
    private readonly Vector128<byte> _bits;
    private readonly object? _reference;

    internal WasmValue(ValueKind kind, Vector128<byte> bits, object? reference = null)
    {
        Kind = kind;
        _bits = bits;
        _reference = reference;
    }

    /// <summary>The type of this value.</summary>
    public ValueKind Kind { get; }

    /// <summary>The value as 32-bit integer.</summary>
    /// <exception cref="InvalidCastException">The value is not an i32.</exception>
    public int I32 => Require(ValueKind.I32).AsInt32().ToScalar();

    /// <summary>The value as 64-bit integer.</summary>
    /// <exception cref="InvalidCastException">The value is not an i64.</exception>
    public long I64 => Require(ValueKind.I64).AsInt64().ToScalar();

    /// <summary>The value as binary32, NaN payload kept.</summary>
    /// <exception cref="InvalidCastException">The value is not an f32.</exception>
    public float F32 => BitConverter.Int32BitsToSingle(Require(ValueKind.F32).AsInt32().ToScalar());

    /// <summary>The value as binary64, NaN payload kept.</summary>
    /// <exception cref="InvalidCastException">The value is not an f64.</exception>
    public double F64 => BitConverter.Int64BitsToDouble(Require(ValueKind.F64).AsInt64().ToScalar());

    /// <summary>The value as 128-bit vector, lane 0 first.</summary>
    /// <exception cref="InvalidCastException">The value is not a v128.</exception>
    public Vector128<byte> V128 => Require(ValueKind.V128);

    /// <summary>The function that the value refers to, or null.</summary>
    /// <exception cref="InvalidCastException">The value is not a funcref.</exception>
    public Function? FuncRef
    {
        get
        {
            Require(ValueKind.FuncRef);
            return (Function?)_reference;
        }
    }

    /// <summary>The host object that the value refers to, or null.</summary>
    /// <exception cref="InvalidCastException">The value is not an externref.</exception>
    public object? ExternRef
    {
        get
        {
            Require(ValueKind.ExternRef);
            return _reference;
        }
    }

    /// <summary>The first 8 bytes of the value's bits, whatever its type; 0 for a reference.</summary>
    public long Bits => _bits.AsInt64().ToScalar();

    /// <summary>An i32.</summary>
    public static WasmValue FromI32(int value) => new(ValueKind.I32, Vector128.CreateScalar(value).AsByte());

    /// <summary>An i64.</summary>
    public static WasmValue FromI64(long value) => new(ValueKind.I64, Vector128.CreateScalar(value).AsByte());

    /// <summary>An f32, NaN payload kept.</summary>
    public static WasmValue FromF32(float value) =>
        new(ValueKind.F32, Vector128.CreateScalar(BitConverter.SingleToInt32Bits(value)).AsByte());

    /// <summary>An f64, NaN payload kept.</summary>
    public static WasmValue FromF64(double value) =>
        new(ValueKind.F64, Vector128.CreateScalar(BitConverter.DoubleToInt64Bits(value)).AsByte());

    /// <summary>A v128, lane 0 first.</summary>
    public static WasmValue FromV128(Vector128<byte> value) => new(ValueKind.V128, value);

    /// <summary>A funcref; null is the null reference.</summary>
    public static WasmValue FromFuncRef(Function? value) => new(ValueKind.FuncRef, default, value);

    /// <summary>An externref; null is the null reference.</summary>
    public static WasmValue FromExternRef(object? value) => new(ValueKind.ExternRef, default, value);

    /// <summary>The value that locals and globals of a type start with: zero, or the null reference.</summary>
    public static WasmValue Default(ValueKind kind) => new(kind, default);

    /// <summary>Equal bits and equal type; references are equal when they are the same object.</summary>
    public bool Equals(WasmValue other) =>
        Kind == other.Kind && _bits == other._bits && ReferenceEquals(_reference, other._reference);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is WasmValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, _bits, _reference);

    /// <summary>The value as a person writes it: <c>42</c>, <c>1.5</c>, <c>0x…</c> for a vector, <c>null</c>.</summary>
    public override string ToString() => Kind switch
    {
        ValueKind.I32 => I32.ToString(),
        ValueKind.I64 => I64.ToString(),
        ValueKind.F32 => F32.ToString("R"),
        ValueKind.F64 => F64.ToString("R"),
        ValueKind.V128 => "0x" + Convert.ToHexString(ReverseBytes(_bits)).ToLowerInvariant(),
        _ => _reference?.ToString() ?? "null",
    };

    internal object? Reference => _reference;

    internal Vector128<byte> Raw => _bits;

    private static byte[] ReverseBytes(Vector128<byte> bits)
    {
        var bytes = new byte[16];
        bits.CopyTo(bytes);
        Array.Reverse(bytes);
        return bytes;
    }

    private Vector128<byte> Require(ValueKind kind) =>
        Kind == kind ? _bits : throw new InvalidCastException($"The value is of type {Kind.ToString().ToLowerInvariant()}, not {kind.ToString().ToLowerInvariant()}.");
}
