using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace HeliosEdge.Sandbox.Engines.Caching;

/// <summary>
/// A file of compiled code: 8 bytes of magic, the HMAC-SHA256 of all that follows, the identity's length (32 bits, little-endian), the
/// identity, the SHA-256 of the module, the code.
/// </summary>
internal static class CodeFile
{
    private const int BodyStart = 8 + HMACSHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Magic => "heliosc1"u8;

    public static byte[] Write(ReadOnlySpan<byte> key, string identity, ReadOnlySpan<byte> moduleHash, ReadOnlySpan<byte> code)
    {
        var name = Encoding.UTF8.GetBytes(identity);
        var file = new byte[BodyStart + sizeof(int) + name.Length + moduleHash.Length + code.Length];
        Magic.CopyTo(file);
        var body = file.AsSpan(BodyStart);
        BinaryPrimitives.WriteInt32LittleEndian(body, name.Length);
        name.CopyTo(body[sizeof(int)..]);
        moduleHash.CopyTo(body[(sizeof(int) + name.Length)..]);
        code.CopyTo(body[(sizeof(int) + name.Length + moduleHash.Length)..]);
        HMACSHA256.HashData(key, body, file.AsSpan(Magic.Length));
        return file;
    }

    /// <summary>Reads the code of a module out of a file's bytes. Nothing behind the HMAC is looked at before it is verified.</summary>
    /// <param name="key">The installation's key.</param>
    /// <param name="identity">What the code must have been compiled by and for.</param>
    /// <param name="moduleHash">The SHA-256 of the module that it must have been compiled from.</param>
    /// <param name="file">The file.</param>
    /// <param name="code">The code.</param>
    /// <param name="fault">What is wrong with the file.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> key, string identity, ReadOnlySpan<byte> moduleHash, ReadOnlySpan<byte> file, out ReadOnlySpan<byte> code, out string fault)
    {
        code = default;
        if (file.Length < BodyStart || !file.StartsWith(Magic))
        {
            fault = "it is no file of compiled code";
            return false;
        }

        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var body = file[BodyStart..];
        HMACSHA256.HashData(key, body, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, file[Magic.Length..BodyStart]))
        {
            fault = "it was damaged, or not written by this installation";
            return false;
        }

        var name = Encoding.UTF8.GetBytes(identity);
        var head = sizeof(int) + name.Length + moduleHash.Length;
        if (body.Length < head
            || BinaryPrimitives.ReadInt32LittleEndian(body) != name.Length
            || !body.Slice(sizeof(int), name.Length).SequenceEqual(name)
            || !body[(sizeof(int) + name.Length)..head].SequenceEqual(moduleHash))
        {
            fault = "it is of another engine, processor or module";
            return false;
        }

        code = body[head..];
        fault = string.Empty;
        return true;
    }
}
