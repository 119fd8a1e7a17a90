using System.Buffers.Binary;
using System.Text;
using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Sandbox.Wasi.Memory;

/// <summary>Reads and writes what guests point at. A pointer that leads out of memory is <see cref="Errno.Fault"/>.</summary>
internal static class GuestPointers
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The bytes at a pointer. The sum of two 32-bit values cannot overflow 64 bits.</summary>
    public static Span<byte> Bytes(this IGuestAccess memory, uint pointer, uint length)
    {
        if (pointer + (ulong)length > (ulong)memory.MemoryLength)
        {
            throw new WasiException(Errno.Fault);
        }

        return length > int.MaxValue ? throw new WasiException(Errno.Invalid) : memory.Memory(pointer, (int)length);
    }

    /// <summary>Checks a range that may be longer than one span.</summary>
    public static void CheckRange(this IGuestAccess memory, uint pointer, ulong length)
    {
        if (length > (ulong)memory.MemoryLength || pointer > (ulong)memory.MemoryLength - length)
        {
            throw new WasiException(Errno.Fault);
        }
    }

    public static uint ReadU32(this IGuestAccess memory, uint pointer) => BinaryPrimitives.ReadUInt32LittleEndian(memory.Bytes(pointer, 4));

    public static void WriteU32(this IGuestAccess memory, uint pointer, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(memory.Bytes(pointer, 4), value);

    public static void WriteU64(this IGuestAccess memory, uint pointer, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(memory.Bytes(pointer, 8), value);

    /// <summary>A path: UTF-8 without NUL, or <see cref="Errno.IllegalSequence"/>; at most 4,096 bytes, or <see cref="Errno.NameTooLong"/>.</summary>
    public static string ReadPath(this IGuestAccess memory, uint pointer, uint length)
    {
        var bytes = memory.Bytes(pointer, length);
        if (length > 4_096)
        {
            throw new WasiException(Errno.NameTooLong);
        }

        try
        {
            return bytes.Contains((byte)0) ? throw new WasiException(Errno.IllegalSequence) : StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new WasiException(Errno.IllegalSequence);
        }
    }
}
