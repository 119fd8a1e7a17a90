using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HeliosEdge.Federation;

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

    /// <summary>Reads the head of a message whose body is still to come.</summary>
    /// <param name="message">The message; the body is next in it then.</param>
    /// <param name="type">What the head is.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>The head, and the bytes of the message that it took.</returns>
    /// <exception cref="JsonException">It is none.</exception>
    /// <exception cref="EndOfStreamException">The message ended before the head was whole.</exception>
    /// <exception cref="IOException">The connection broke before the head was whole.</exception>
    public static async Task<(T Head, int Length)> ReadHeadAsync<T>(Stream message, JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class
    {
        var prefix = new byte[sizeof(int)];
        await message.ReadExactlyAsync(prefix, cancel);
        var head = new byte[LengthOf(prefix)];
        await message.ReadExactlyAsync(head, cancel);
        return (Parse(head, type), prefix.Length + head.Length);
    }

    /// <summary>Takes a message apart.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static (T Head, ReadOnlyMemory<byte> Body) Read<T>(ReadOnlyMemory<byte> bytes, JsonTypeInfo<T> type)
        where T : class
    {
        var length = LengthOf(bytes.Span);
        return length <= bytes.Length - sizeof(int)
            ? (Parse(bytes.Span.Slice(sizeof(int), length), type), bytes[(sizeof(int) + length)..])
            : throw new JsonException($"The head is to have {length} bytes, and the message has {bytes.Length} in all.");
    }

    private static int LengthOf(ReadOnlySpan<byte> prefix) =>
        prefix.Length >= sizeof(int) && BinaryPrimitives.ReadInt32LittleEndian(prefix) is var length and >= 0 and <= MaxHeadBytes - sizeof(int)
            ? length
            : throw new JsonException("The length of the head is not that of one.");

    private static T Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
        where T : class =>
        JsonSerializer.Deserialize(json, type) ?? throw new JsonException("The head is null.");
}
