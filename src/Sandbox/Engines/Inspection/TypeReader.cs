using System.Globalization;
using HeliosEdge.Wasm.Binary;

namespace HeliosEdge.Sandbox.Engines.Inspection;

/// <summary>The types of WebAssembly 3.0 in their binary form (core spec 5.3), as the port's texts.</summary>
internal static class TypeReader
{
    private const byte NullableReference = 0x63;
    private const byte Reference = 0x64;
    private const byte HasMaximum = 1;
    private const byte Is64 = 4;

    /// <summary>A value type, such as <c>i32</c>, <c>funcref</c> or <c>(ref null 3)</c>.</summary>
    public static string Value(ref WasmReader reader)
    {
        var at = reader.Position;
        var code = reader.Byte();
        return code switch
        {
            0x7F => GuestValue.I32Type,
            0x7E => GuestValue.I64Type,
            0x7D => GuestValue.F32Type,
            0x7C => GuestValue.F64Type,
            0x7B => GuestValue.V128Type,
            NullableReference => Heap(ref reader) is var heap && Nullable(heap) is { } name ? name : $"(ref null {heap})",
            Reference => $"(ref {Heap(ref reader)})",
            _ => Abstract(code) is { } heap ? Nullable(heap)! : throw reader.Malformed("malformed value type", at),
        };
    }

    /// <summary>A heap type: the name of an abstract one, or the index of one that the module defines.</summary>
    public static string Heap(ref WasmReader reader)
    {
        var at = reader.Position;
        if (Abstract(reader.Peek()) is { } name)
        {
            reader.Skip(1);
            return name;
        }

        var index = reader.I33();
        return index >= 0 ? index.ToString(CultureInfo.InvariantCulture) : throw reader.Malformed("malformed heap type", at);
    }

    /// <summary>The type of a block: nothing, a value type, or the index of a function type.</summary>
    public static void SkipBlock(ref WasmReader reader)
    {
        const byte Nothing = 0x40;
        var code = reader.Peek();
        if (code == Nothing)
        {
            reader.Skip(1);
        }
        else if (code is (>= 0x7B and <= 0x7F) or NullableReference or Reference || Abstract(code) is not null)
        {
            _ = Value(ref reader);
        }
        else
        {
            _ = reader.I33();
        }
    }

    /// <summary>A memory, as structure and as text.</summary>
    public static (MemoryOutline Memory, string Text) Memory(ref WasmReader reader)
    {
        var (minimum, maximum, is64) = Limits(ref reader);
        return (new MemoryOutline(minimum, maximum, is64), $"memory {(is64 ? "i64 " : string.Empty)}{minimum}..{maximum}");
    }

    /// <summary>A table's first size, and its type as text.</summary>
    public static (ulong Minimum, string Text) Table(ref WasmReader reader)
    {
        var element = Value(ref reader);
        var (minimum, maximum, is64) = Limits(ref reader);
        return (minimum, $"table {(is64 ? "i64 " : string.Empty)}{minimum}..{maximum} {element}");
    }

    /// <summary>A global's type as text.</summary>
    public static string Global(ref WasmReader reader)
    {
        var type = Value(ref reader);
        return reader.Byte() == 0 ? $"global {type}" : $"global mut {type}";
    }

    private static (ulong Minimum, ulong? Maximum, bool Is64) Limits(ref WasmReader reader)
    {
        var at = reader.Position;
        var flags = reader.Byte();
        if ((flags & ~(HasMaximum | Is64)) != 0)
        {
            // What else the flags can say (shared memories, pages of other sizes) is beyond 3.0, and the engine has refused it.
            throw reader.Malformed("malformed limits flags", at);
        }

        var minimum = Unsigned(ref reader);
        ulong? maximum = (flags & HasMaximum) != 0 ? Unsigned(ref reader) : null;
        return (minimum, maximum, (flags & Is64) != 0);
    }

    /// <summary>An unsigned number of up to 64 bits.</summary>
    public static ulong Unsigned(ref WasmReader reader)
    {
        ulong result = 0;
        for (var shift = 0; ; shift += 7)
        {
            var at = reader.Position;
            var next = reader.Byte();
            if (shift == 63 && next > 1)
            {
                throw reader.Malformed("integer too large", at);
            }

            result |= (ulong)(next & 0x7F) << shift;
            if ((next & 0x80) == 0)
            {
                return result;
            }
        }
    }

    private static string? Nullable(string heap) => heap switch
    {
        "none" => "nullref",
        "noextern" => "nullexternref",
        "nofunc" => "nullfuncref",
        "noexn" => "nullexnref",
        _ => char.IsAsciiDigit(heap[0]) ? null : $"{heap}ref",
    };

    private static string? Abstract(byte code) => code switch
    {
        0x74 => "noexn",
        0x73 => "nofunc",
        0x72 => "noextern",
        0x71 => "none",
        0x70 => "func",
        0x6F => "extern",
        0x6E => "any",
        0x6D => "eq",
        0x6C => "i31",
        0x6B => "struct",
        0x6A => "array",
        0x69 => "exn",
        _ => null,
    };
}
