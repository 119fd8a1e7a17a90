using System.Buffers.Binary;
using System.Text;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>A growing run of bytes with the integer encodings of ECMA-335.</summary>
internal sealed class ByteWriter(int capacity = 256)
{
    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void U8(int value) => Take(1)[0] = (byte)value;

    public void U16(int value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), (ushort)value);

    public void U32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);

    public void U64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);

    /// <summary>An index of 2 or 4 bytes.</summary>
    public void Index(int value, bool wide)
    {
        if (wide)
        {
            U32(value);
        }
        else
        {
            U16(value);
        }
    }

    /// <summary>A compressed unsigned integer (ECMA-335 II.23.2).</summary>
    public void Compressed(int value)
    {
        if (value < 0x80)
        {
            U8(value);
        }
        else if (value < 0x4000)
        {
            BinaryPrimitives.WriteUInt16BigEndian(Take(2), (ushort)(0x8000 | value));
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(Take(4), 0xC000_0000 | (uint)value);
        }
    }

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void Utf8(string text) => Encoding.UTF8.GetBytes(text, Take(Encoding.UTF8.GetByteCount(text)));

    public void Zeros(int count) => Take(count).Clear();

    public void Align(int alignment) => Zeros((alignment - (Length % alignment)) % alignment);

    public void Patch32(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(at), value);

    private Span<byte> Take(int count)
    {
        if (_bytes.Length - Length < count)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        }

        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }
}
