using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>
/// Which method rows of an image hold what (ECMA-335 II.22.26); rows count from 1. The stubs stand by type index, 0 where no
/// function of the type needs one. <c>Callable</c> says of each function that the module defines whether anything can call it,
/// <c>Members</c> has the tokens of the engine's and the framework's methods that the code calls.
/// </summary>
internal readonly record struct ImageLayout(int FirstFunction, int[] EntryStubs, int[] HostStubs, bool[] Callable, int[] Members);

/// <summary>The code of a module as an assembly image, and the constants that it loads from memory (<see cref="ConstantPool"/>).</summary>
internal sealed record CompiledImage(byte[] Bytes, ImageLayout Layout, byte[] Constants)
{
    /// <summary>The first function, the numbers of types, functions, members and bytes of constants, then these (32 bits each, but 8 for a function; little-endian), the image.</summary>
    public byte[] Serialize()
    {
        var types = Layout.EntryStubs.Length;
        var result = new byte[HeaderBytes(types, Layout.Callable.Length, Layout.Members.Length) + Constants.Length + Bytes.Length];
        var at = result.AsSpan();
        Put(ref at, Layout.FirstFunction);
        Put(ref at, types);
        Put(ref at, Layout.Callable.Length);
        Put(ref at, Layout.Members.Length);
        Put(ref at, Constants.Length);
        foreach (var row in Layout.EntryStubs.Concat(Layout.HostStubs).Concat(Layout.Members))
        {
            Put(ref at, row);
        }

        MemoryMarshal.AsBytes(Layout.Callable.AsSpan()).CopyTo(at);
        at = at[Layout.Callable.Length..];
        Constants.CopyTo(at);
        Bytes.CopyTo(at[Constants.Length..]);
        return result;
    }

    /// <exception cref="InvalidDataException">The bytes are too short or for another number of types or functions.</exception>
    public static CompiledImage Deserialize(ReadOnlySpan<byte> bytes, int types, int functions)
    {
        var header = HeaderBytes(types, functions, 0);
        if (bytes.Length < header)
        {
            throw new InvalidDataException($"A serialized module of {types} types has at least {header} bytes, not {bytes.Length}.");
        }

        var first = Take(ref bytes);
        if (Take(ref bytes) is var stated && stated != types)
        {
            throw new InvalidDataException($"The serialized module has {stated} types, the module {types}.");
        }

        if (Take(ref bytes) is var bodies && bodies != functions)
        {
            throw new InvalidDataException($"The serialized module has {bodies} functions, the module {functions}.");
        }

        var members = Take(ref bytes);
        var constants = Take(ref bytes);
        if (members < 0 || constants < 0 || bytes.Length < (((2L * types) + members) * sizeof(int)) + functions + constants)
        {
            throw new InvalidDataException($"The serialized module ends before its {members} members and {constants} bytes of constants.");
        }

        var entryStubs = Rows(ref bytes, types);
        var hostStubs = Rows(ref bytes, types);
        var called = Rows(ref bytes, members);
        var callable = new bool[functions];
        for (var i = 0; i < functions; i++)
        {
            callable[i] = bytes[i] != 0;
        }

        bytes = bytes[functions..];
        return new CompiledImage(bytes[constants..].ToArray(), new ImageLayout(first, entryStubs, hostStubs, callable, called), bytes[..constants].ToArray());
    }

    private static long HeaderBytes(int types, int functions, int members) => ((5 + (2L * types) + members) * sizeof(int)) + functions;

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
