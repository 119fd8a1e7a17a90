using System.Text;

namespace HeliosEdge.Silo.Http;

/// <summary>An encoding in which anything but the digits of a <c>Content-Length</c> (RFC 9110, 8.6) is no number, which Kestrel refuses.</summary>
internal sealed class LengthDigits : Encoding
{
    // Digits of the largest length that Kestrel knows.
    private const int MaxDigits = 19;

    public override int GetByteCount(char[] chars, int index, int count) => count;

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public override int GetCharCount(byte[] bytes, int index, int count) => GetMaxCharCount(count);

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        GetChars(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

    public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        if (bytes.Length is 0 or > MaxDigits || bytes.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            chars[0] = '?';
            return 1;
        }

        return Latin1.GetChars(bytes, chars);
    }

    public override int GetMaxByteCount(int charCount) => charCount;

    public override int GetMaxCharCount(int byteCount) => Math.Max(byteCount, 1);
}
