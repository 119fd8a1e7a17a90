using System.Buffers.Binary;
using System.Text;
using HeliosEdge.Wasm;

namespace HeliosEdge.Testing.Building;

/// <summary>Bytes in the making, with the binary format's integers, names and vectors (core spec 5.2).</summary>
public sealed class WasmBuffer
{
    private byte[] _bytes = new byte[64];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public WasmBuffer Byte(byte value)
    {
        Reserve(1)[0] = value;
        return this;
    }

    public WasmBuffer Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Reserve(value.Length));
        return this;
    }

    public WasmBuffer Unsigned(ulong value) => Bytes(Leb128.Unsigned(value));

    public WasmBuffer Signed(long value) => Bytes(Leb128.Signed(value));

    public WasmBuffer Int32Bits(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Reserve(4), value);
        return this;
    }

    public WasmBuffer Int64Bits(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);
        return this;
    }

    public WasmBuffer Name(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        return Unsigned((ulong)bytes.Length).Bytes(bytes);
    }

    public WasmBuffer Kinds(ReadOnlySpan<ValueKind> kinds)
    {
        Unsigned((ulong)kinds.Length);
        foreach (var kind in kinds)
        {
            Byte((byte)kind);
        }

        return this;
    }

    /// <summary>The content with its length before it, as sections and function bodies have it.</summary>
    public WasmBuffer Sized(WasmBuffer content) => Unsigned((ulong)content.Length).Bytes(content.Written);

    public byte[] ToArray() => Written.ToArray();

    private Span<byte> Reserve(int count)
    {
        if (Length + count > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        }

        var span = _bytes.AsSpan(Length, count);
        Length += count;
        return span;
    }
}
