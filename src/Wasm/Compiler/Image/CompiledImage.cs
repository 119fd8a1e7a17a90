using System.Buffers.Binary;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>
/// Which method rows of an image hold what (ECMA-335 II.22.26); rows count from 1. The stubs stand by type index, 0 where no
/// function of the type needs one.
/// </summary>
internal readonly record struct ImageLayout(int FirstFunction, int[] EntryStubs, int[] HostStubs);

/// <summary>The code of a module as an assembly image.</summary>
internal sealed record CompiledImage(byte[] Bytes, ImageLayout Layout)
{
    /// <summary>The first function, the number of types, their entry stubs, their host stubs (32 bits each, little-endian), the image.</summary>
    public byte[] Serialize()
    {
        var types = Layout.EntryStubs.Length;
        var result = new byte[(2 + (2 * types)) * sizeof(int) + Bytes.Length];
        var at = result.AsSpan();
        Put(ref at, Layout.FirstFunction);
        Put(ref at, types);
        foreach (var row in Layout.EntryStubs.Concat(Layout.HostStubs))
        {
            Put(ref at, row);
        }

        Bytes.CopyTo(at);
        return result;
    }

    /// <exception cref="InvalidDataException">The bytes are too short or for another number of types.</exception>
    public static CompiledImage Deserialize(ReadOnlySpan<byte> bytes, int types)
    {
        var header = (2 + (2L * types)) * sizeof(int);
        if (bytes.Length < header)
        {
            throw new InvalidDataException($"A serialized module of {types} types has at least {header} bytes, not {bytes.Length}.");
        }

        var first = Take(ref bytes);
        if (Take(ref bytes) is var stated && stated != types)
        {
            throw new InvalidDataException($"The serialized module has {stated} types, the module {types}.");
        }

        var entryStubs = Rows(ref bytes, types);
        var hostStubs = Rows(ref bytes, types);
        return new CompiledImage(bytes.ToArray(), new ImageLayout(first, entryStubs, hostStubs));
    }

    private static int[] Rows(ref ReadOnlySpan<byte> bytes, int count)
    {
        var rows = new int[count];
        for (var i = 0; i < count; i++)
        {
            rows[i] = Take(ref bytes);
        }

        return rows;
    }

    private static void Put(ref Span<byte> at, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(at, value);
        at = at[sizeof(int)..];
    }

    private static int Take(ref ReadOnlySpan<byte> bytes)
    {
        var value = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        bytes = bytes[sizeof(int)..];
        return value;
    }
}
