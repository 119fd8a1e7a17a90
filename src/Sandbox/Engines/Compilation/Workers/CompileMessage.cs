using System.Buffers.Binary;
using System.Text;

namespace HeliosEdge.Sandbox.Engines.Compilation.Workers;

/// <summary>
/// What a silo and its compilers say to each other: a kind in a byte, the length of what follows (32 bits, little-endian), and as many bytes.
/// </summary>
/// <param name="Kind">What it is.</param>
/// <param name="Content">The rest.</param>
internal readonly record struct CompileMessage(CompileMessageKind Kind, byte[] Content)
{
    private const int HeadBytes = 1 + sizeof(int);

    /// <summary>What a text has at most; what is longer is no message.</summary>
    public const int MaxTextBytes = 64 << 10;

    public string Text => Encoding.UTF8.GetString(Content);

    public static CompileMessage Of(CompileMessageKind kind, string text) => new(kind, Encoding.UTF8.GetBytes(text));

    /// <summary>Says that a module is refused, and all that <paramref name="refusal"/> says.</summary>
    public static CompileMessage Of(SandboxException refusal)
    {
        var content = new MemoryStream();
        using var writer = new BinaryWriter(content);
        writer.Write(refusal.Code);
        writer.Write(refusal.Message);
        foreach (var number in (long?[])[refusal.Limit, refusal.Value, refusal.Offset])
        {
            writer.Write(number.HasValue);
            writer.Write(number ?? 0);
        }

        return new CompileMessage(CompileMessageKind.Refused, content.ToArray());
    }

    /// <summary>What <see cref="Of(SandboxException)"/> was made of.</summary>
    /// <exception cref="InvalidDataException">The content has not this form.</exception>
    public SandboxException ToRefusal()
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(Content, writable: false));
            var code = reader.ReadString();
            var message = reader.ReadString();
            return new SandboxException(code, message) { Limit = Number(), Value = Number(), Offset = Number() };

            long? Number()
            {
                var isThere = reader.ReadBoolean();
                var value = reader.ReadInt64();
                return isThere ? value : null;
            }
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or DecoderFallbackException)
        {
            throw new InvalidDataException("a refusal that is none", e);
        }
    }

    public void WriteTo(Stream stream)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        head[0] = (byte)Kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], Content.Length);
        stream.Write(head);
        stream.Write(Content);
        stream.Flush();
    }

    /// <summary>Reads the next one; null where the stream ends before it.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="maxBytes">Bytes of its content that are accepted.</param>
    /// <exception cref="InvalidDataException">There is something that is no message, or only a part of one.</exception>
    public static CompileMessage? TryRead(Stream stream, long maxBytes)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        var read = stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false);
        if (read == 0)
        {
            return null;
        }

        var length = read == HeadBytes ? BinaryPrimitives.ReadInt32LittleEndian(head[1..]) : -1;
        if (length < 0 || length > maxBytes || !Enum.IsDefined((CompileMessageKind)head[0]))
        {
            throw new InvalidDataException("something that is no message");
        }

        var content = GC.AllocateUninitializedArray<byte>(length);
        return stream.ReadAtLeast(content, length, throwOnEndOfStream: false) == length
            ? new CompileMessage((CompileMessageKind)head[0], content)
            : throw new InvalidDataException("a message that breaks off");
    }
}
