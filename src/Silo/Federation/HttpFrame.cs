using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HeliosEdge.Silo.Federation;

/// <summary>
/// How silos send each other the HTTP of a function: the length of the head in four bytes, little-endian, the head in JSON, the body.
/// As a request of its own each header would be taken for one of the silos' own.
/// </summary>
internal static class HttpFrame
{
    /// <summary>Bytes that a head may have, its length included.</summary>
    public const int MaxHeadBytes = 512 << 10;

    /// <summary>The bytes of a head, to be followed by the body.</summary>
    public static byte[] Write<T>(T head, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(head, type);
        var bytes = new byte[sizeof(int) + json.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, sizeof(int));
        return bytes;
    }

    /// <summary>Takes a message apart.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static (T Head, ReadOnlyMemory<byte> Body) Read<T>(ReadOnlyMemory<byte> bytes, JsonTypeInfo<T> type)
        where T : class
    {
        var length = bytes.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes.Span);
        if (length is < 0 or > MaxHeadBytes - sizeof(int) || length > bytes.Length - sizeof(int))
        {
            throw new JsonException("The length of the head is not that of one.");
        }

        var head = JsonSerializer.Deserialize(bytes.Span.Slice(sizeof(int), length), type) ?? throw new JsonException("The head is null.");
        return (head, bytes[(sizeof(int) + length)..]);
    }
}
