using System.Globalization;
using System.Runtime.Intrinsics;
using HeliosEdge.Wasm;

namespace HeliosEdge.Cli.Guest;

/// <summary>
/// WebAssembly values as text. What <see cref="Format"/> writes, <see cref="Parse"/> reads back as the same bits;
/// NaN payloads are written as in the text format (core spec 6.3.2): <c>nan:0x200000</c>.
/// </summary>
internal static class ValueText
{
    private const int F32PayloadBits = 23;
    private const int F64PayloadBits = 52;

    /// <summary>Reads a value.</summary>
    /// <exception cref="FormatException">The text is no value of that type; the message says what would be.</exception>
    public static WasmValue Parse(string text, ValueKind kind) => kind switch
    {
        ValueKind.I32 => WasmValue.FromI32((int)ParseInteger(text, 32, "i32")),
        ValueKind.I64 => WasmValue.FromI64((long)ParseInteger(text, 64, "i64")),
        ValueKind.F32 => WasmValue.FromF32(ParseF32(text)),
        ValueKind.F64 => WasmValue.FromF64(ParseF64(text)),
        ValueKind.V128 => WasmValue.FromV128(ParseV128(text)),
        ValueKind.FuncRef or ValueKind.ExternRef when text == "null" => WasmValue.Default(kind),
        ValueKind.FuncRef or ValueKind.ExternRef =>
            throw new FormatException($"'{text}' is no {Name(kind)}: only null can be given."),
        _ => throw new FormatException($"Values of type {Name(kind)} cannot be given."),
    };

    /// <summary>Writes a value: integers as signed decimals, floats shortest, vectors as 0x and 32 digits, lane 0 last.</summary>
    public static string Format(WasmValue value) => value.Kind switch
    {
        ValueKind.I32 => value.I32.ToString(CultureInfo.InvariantCulture),
        ValueKind.I64 => value.I64.ToString(CultureInfo.InvariantCulture),
        ValueKind.F32 when float.IsNaN(value.F32) =>
            FormatNaN((uint)value.Bits >> 31 == 1, (ulong)value.Bits & ((1UL << F32PayloadBits) - 1), F32PayloadBits),
        ValueKind.F32 => FormatFloat(value.F32),
        ValueKind.F64 when double.IsNaN(value.F64) =>
            FormatNaN(value.Bits < 0, (ulong)value.Bits & ((1UL << F64PayloadBits) - 1), F64PayloadBits),
        ValueKind.F64 => FormatFloat(value.F64),
        ValueKind.V128 => FormatV128(value.V128),
        ValueKind.FuncRef => value.FuncRef is null ? "null" : "funcref",
        ValueKind.ExternRef => value.ExternRef is null ? "null" : "externref",
        _ => value.ToString(),
    };

    /// <summary>The type's name in the text format.</summary>
    public static string Name(ValueKind kind) => kind.ToString().ToLowerInvariant();

    private static ulong ParseInteger(string text, int bits, string type)
    {
        var (negative, digits) = SplitSign(text);
        var hexadecimal = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var isNumber = hexadecimal
            ? ulong.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var magnitude)
            : ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out magnitude);
        var largest = negative ? 1UL << (bits - 1) : ulong.MaxValue >> (64 - bits);
        if (!isNumber || magnitude > largest)
        {
            throw new FormatException(
                $"'{text}' is no {type}: a decimal from -{1UL << (bits - 1)} to {ulong.MaxValue >> (64 - bits)}, or 0x and up to {bits / 4} hexadecimal digits.");
        }

        return negative ? 0 - magnitude : magnitude;
    }

    private static float ParseF32(string text)
    {
        if (TryParseNaN(text, F32PayloadBits, out var negative, out var payload))
        {
            return BitConverter.UInt32BitsToSingle((negative ? 0x8000_0000 : 0) | 0x7F80_0000 | (uint)payload);
        }

        if (TryParseInfinity(text, out var infinity))
        {
            return (float)infinity;
        }

        return IsDecimal(text) && float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value)
            ? value
            : throw NoFloat(text, "f32");
    }

    private static double ParseF64(string text)
    {
        if (TryParseNaN(text, F64PayloadBits, out var negative, out var payload))
        {
            return BitConverter.UInt64BitsToDouble((negative ? 0x8000_0000_0000_0000 : 0) | 0x7FF0_0000_0000_0000 | payload);
        }

        if (TryParseInfinity(text, out var infinity))
        {
            return infinity;
        }

        return IsDecimal(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw NoFloat(text, "f64");
    }

    private static FormatException NoFloat(string text, string type) =>
        new($"'{text}' is no {type}: a decimal such as -1.5 or 6.02e23 within its range, inf, -inf, nan, or nan:0x and the payload.");

    // The .NET parsers also take "Infinity", "∞" and surrounding blanks, and give "NaN" a sign of their own.
    private static bool IsDecimal(string text) => text.Length > 0 && text.All(c => char.IsAsciiDigit(c) || c is '+' or '-' or '.' or 'e' or 'E');

    private static bool TryParseInfinity(string text, out double value)
    {
        var (negative, word) = SplitSign(text);
        value = negative ? double.NegativeInfinity : double.PositiveInfinity;
        return word.Equals("inf", StringComparison.OrdinalIgnoreCase);
    }

    private static bool TryParseNaN(string text, int payloadBits, out bool negative, out ulong payload)
    {
        (negative, var word) = SplitSign(text);
        payload = 1UL << (payloadBits - 1);
        if (word.Equals("nan", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        // A payload of 0 would be an infinity.
        return word.StartsWith("nan:0x", StringComparison.OrdinalIgnoreCase)
            && ulong.TryParse(word["nan:0x".Length..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out payload)
            && payload != 0
            && payload >> payloadBits == 0;
    }

    private static Vector128<byte> ParseV128(string text)
    {
        if (text.Length != 34 || !text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) || !text.AsSpan(2).ContainsOnlyHexDigits())
        {
            throw new FormatException($"'{text}' is no v128: 0x and 32 hexadecimal digits, lane 0 last.");
        }

        var bytes = Convert.FromHexString(text.AsSpan(2));
        bytes.AsSpan().Reverse();
        return Vector128.Create(bytes);
    }

    private static bool ContainsOnlyHexDigits(this ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }

        return true;
    }

    private static string FormatFloat<T>(T value)
        where T : System.Numerics.IBinaryFloatingPointIeee754<T> =>
        T.IsInfinity(value)
            ? T.IsNegative(value) ? "-inf" : "inf"
            : value.ToString("R", CultureInfo.InvariantCulture);

    private static string FormatNaN(bool negative, ulong payload, int payloadBits) =>
        (negative ? "-nan" : "nan") + (payload == 1UL << (payloadBits - 1) ? "" : $":0x{payload:x}");

    private static string FormatV128(Vector128<byte> value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.CopyTo(bytes);
        bytes.Reverse();
        return "0x" + Convert.ToHexStringLower(bytes);
    }

    private static (bool Negative, string Magnitude) SplitSign(string text) =>
        text.StartsWith('-') ? (true, text[1..]) : (false, text.StartsWith('+') ? text[1..] : text);
}
