using System.Buffers.Binary;
using System.Text;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>
/// The library's version. The C API has no function that tells it, but the library writes it into what it serializes: an ELF64 file
/// whose section <c>.wasmtime.engine</c> begins with a format byte, the text's length in a byte, and the text.
/// </summary>
internal static class WasmtimeVersion
{
    private const int HeaderBytes = 0x40;
    private const string Section = ".wasmtime.engine";

    /// <summary>The version in a serialized module, such as <c>50</c>; null where there is none.</summary>
    public static string? Of(ReadOnlySpan<byte> artifact)
    {
        if (artifact.Length < HeaderBytes || !artifact.StartsWith("\u007fELF"u8))
        {
            return null;
        }

        var table = BinaryPrimitives.ReadUInt64LittleEndian(artifact[0x28..]);
        var entryBytes = BinaryPrimitives.ReadUInt16LittleEndian(artifact[0x3A..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(artifact[0x3C..]);
        var names = BinaryPrimitives.ReadUInt16LittleEndian(artifact[0x3E..]);
        if (!TryHeader(artifact, table, entryBytes, names, out _, out var namesStart, out var namesLength)
            || !TrySlice(artifact, namesStart, namesLength, out var nameBytes))
        {
            return null;
        }

        for (var i = 0; i < count; i++)
        {
            if (TryHeader(artifact, table, entryBytes, i, out var name, out var start, out var length)
                && name < (uint)nameBytes.Length
                && nameBytes[(int)name..] is var rest
                && rest.IndexOf((byte)0) is var end and >= 0
                && Encoding.ASCII.GetString(rest[..end]) == Section
                && TrySlice(artifact, start, length, out var section)
                && section.Length > 2
                && section[1] <= section.Length - 2)
            {
                return Encoding.ASCII.GetString(section.Slice(2, section[1]));
            }
        }

        return null;
    }

    private static bool TryHeader(
        ReadOnlySpan<byte> artifact, ulong table, int entryBytes, int index, out uint name, out ulong start, out ulong length)
    {
        (name, start, length) = (0, 0, 0);
        if (entryBytes < HeaderBytes || table > (ulong)artifact.Length || !TrySlice(artifact, table + ((ulong)entryBytes * (ulong)index), (ulong)entryBytes, out var header))
        {
            return false;
        }

        name = BinaryPrimitives.ReadUInt32LittleEndian(header);
        start = BinaryPrimitives.ReadUInt64LittleEndian(header[0x18..]);
        length = BinaryPrimitives.ReadUInt64LittleEndian(header[0x20..]);
        return true;
    }

    private static bool TrySlice(ReadOnlySpan<byte> bytes, ulong start, ulong length, out ReadOnlySpan<byte> slice)
    {
        var inside = start <= (ulong)bytes.Length && length <= (ulong)bytes.Length - start;
        slice = inside ? bytes.Slice((int)start, (int)length) : default;
        return inside;
    }
}
