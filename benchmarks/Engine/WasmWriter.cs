using System.Text;

namespace HeliosEdge.Benchmarks.Engine;

/// <summary>Appends the primitive encodings of the binary format to a growing buffer.</summary>
internal sealed class WasmWriter
{
    private readonly MemoryStream _bytes = new();

    public int Length => (int)_bytes.Length;

    public ReadOnlySpan<byte> Written => _bytes.GetBuffer().AsSpan(0, Length);

    public void Raw(params ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

    public void Unsigned(uint value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.WriteByte((byte)(value | 0x80));
        }

        _bytes.WriteByte((byte)value);
    }

    public void Signed(long value)
    {
        while (value is < -64 or > 63)
        {
            _bytes.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        _bytes.WriteByte((byte)(value & 0x7F));
    }

    public void Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Unsigned((uint)bytes.Length);
        Raw(bytes);
    }

    /// <summary>Appends what another writer holds, with its length in front.</summary>
    public void Sized(WasmWriter content)
    {
        Unsigned((uint)content.Length);
        Raw(content.Written);
    }

    public void Section(byte id, WasmWriter content)
    {
        _bytes.WriteByte(id);
        Sized(content);
    }
}
