using System.Globalization;
using HeliosEdge.Sandbox.Engines;

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
    public static GuestValue Parse(string text, string type) => type switch
    {
        GuestValue.I32Type => GuestValue.FromI32((int)ParseInteger(text, 32, type)),
        GuestValue.I64Type => GuestValue.FromI64((long)ParseInteger(text, 64, type)),
        GuestValue.F32Type => GuestValue.FromF32(ParseF32(text)),
        GuestValue.F64Type => GuestValue.FromF64(ParseF64(text)),
        GuestValue.V128Type => GuestValue.FromV128(ParseV128(text)),
        GuestValue.FuncRefType or GuestValue.ExternRefType when text == "null" => new GuestValue(type, 0),
        GuestValue.FuncRefType or GuestValue.ExternRefType =>
            throw new FormatException($"'{text}' is no {type}: only null can be given."),
        _ => throw new FormatException($"Values of type {type} cannot be given."),
    };

    /// <summary>Writes a value: integers as signed decimals, floats shortest, vectors as 0x and 32 digits, lane 0 last.</summary>
    public static string Format(GuestValue value) => value.Type switch
    {
        GuestValue.I32Type => value.AsI32.ToString(CultureInfo.InvariantCulture),
        GuestValue.I64Type => value.AsI64.ToString(CultureInfo.InvariantCulture),
        GuestValue.F32Type when float.IsNaN(value.AsF32) =>
            FormatNaN((uint)value.Bits >> 31 == 1, (ulong)value.Bits & ((1UL << F32PayloadBits) - 1), F32PayloadBits),
        GuestValue.F32Type => FormatFloat(value.AsF32),
        GuestValue.F64Type when double.IsNaN(value.AsF64) =>
            FormatNaN(value.AsI64 < 0, (ulong)value.Bits & ((1UL << F64PayloadBits) - 1), F64PayloadBits),
        GuestValue.F64Type => FormatFloat(value.AsF64),
        GuestValue.V128Type => string.Create(CultureInfo.InvariantCulture, $"0x{value.Bits:x32}"),
        _ => value.Bits == 0 ? "null" : value.Type,
    };

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

    private static UInt128 ParseV128(string text) =>
        text.Length == 34 && text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        && UInt128.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new FormatException($"'{text}' is no v128: 0x and 32 hexadecimal digits, lane 0 last.");

    private static string FormatFloat<T>(T value)
        where T : System.Numerics.IBinaryFloatingPointIeee754<T> =>
        T.IsInfinity(value)
            ? T.IsNegative(value) ? "-inf" : "inf"
            : value.ToString("R", CultureInfo.InvariantCulture);

    private static string FormatNaN(bool negative, ulong payload, int payloadBits) =>
        (negative ? "-nan" : "nan") + (payload == 1UL << (payloadBits - 1) ? "" : $":0x{payload:x}");

    private static (bool Negative, string Magnitude) SplitSign(string text) =>
        text.StartsWith('-') ? (true, text[1..]) : (false, text.StartsWith('+') ? text[1..] : text);
}
