using System.Text;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>What is kept of a compiled module.</summary>
/// <param name="RefusalsExport">The export that <see cref="GrowthWitness"/> added, if any.</param>
/// <param name="Code">The bytes that were compiled, where traps cannot be told apart without them.</param>
/// <param name="Native">What the library serialized.</param>
internal sealed record WasmtimeArtifact(string? RefusalsExport, byte[]? Code, byte[] Native)
{
    /// <summary>The three parts, each after its length in bytes (32 bits, little-endian; 0 for none).</summary>
    public byte[] Write()
    {
        var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        foreach (var part in (byte[][])[Encoding.UTF8.GetBytes(RefusalsExport ?? string.Empty), Code ?? [], Native])
        {
            writer.Write(part.Length);
            writer.Write(part);
        }

        return buffer.ToArray();
    }

    /// <exception cref="InvalidDataException">The lengths do not add up.</exception>
    public static WasmtimeArtifact Read(ReadOnlySpan<byte> bytes)
    {
        var export = Encoding.UTF8.GetString(Take(ref bytes));
        var code = Take(ref bytes);
        var native = Take(ref bytes);
        return bytes.IsEmpty
            ? new WasmtimeArtifact(export.Length == 0 ? null : export, code.IsEmpty ? null : code.ToArray(), native.ToArray())
            : throw new InvalidDataException($"A serialized module has {bytes.Length} bytes too many.");
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(int)
            || BitConverter.ToInt32(bytes) is var length && (length < 0 || length > bytes.Length - sizeof(int)))
        {
            throw new InvalidDataException("A serialized module ends too early.");
        }

        var part = bytes.Slice(sizeof(int), length);
        bytes = bytes[(sizeof(int) + length)..];
        return part;
    }
}
