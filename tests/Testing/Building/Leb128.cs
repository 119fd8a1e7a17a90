namespace HeliosEdge.Testing.Building;

/// <summary>Integers as the binary format writes them (core spec 5.2.2).</summary>
public static class Leb128
{
    public static byte[] Unsigned(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }

    public static byte[] Signed(long value)
    {
        var bytes = new List<byte>();
        for (; value is < -64 or > 63; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)(value & 0x7F));
        return [.. bytes];
    }
}
