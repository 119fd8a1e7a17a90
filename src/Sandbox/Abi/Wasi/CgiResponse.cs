using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using HeliosEdge.Sandbox.Abi.Http;

namespace HeliosEdge.Sandbox.Abi.Wasi;

/// <summary>Reads what a CGI program (RFC 3875) writes to its standard output: lines of headers, a blank line, the body.</summary>
internal static class CgiResponse
{
    /// <summary>Bytes of the headers with their line ends, and of the blank line.</summary>
    public const int MaxHeadBytes = ResponseHead.MaxHeaderBytes + (4 * ResponseHead.MaxHeaders) + 256;

    private const int Found = 302;

    /// <summary>Reads a whole response.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidHttpResponse"/>, saying what is wrong and in which line.</exception>
    public static (GuestResponse Head, ReadOnlyMemory<byte> Body) Parse(ReadOnlyMemory<byte> output)
    {
        if (!TryParseHead(output.Span, 0, out var head, out var length))
        {
            throw EndedEarly(output.Length);
        }

        var body = output[length..];
        ResponseHead.CheckBody(head, body.Length);
        return (head, body);
    }

    /// <summary>Reads the head, once all of it is there.</summary>
    /// <param name="output">All that the program has written, or the beginning of it.</param>
    /// <param name="searched">Bytes of it that were there when this was last asked.</param>
    /// <param name="head">The head.</param>
    /// <param name="length">Its bytes; the body follows them.</param>
    /// <returns>Whether the blank line after it is there.</returns>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidHttpResponse"/>, saying what is wrong and in which line.</exception>
    public static bool TryParseHead(ReadOnlySpan<byte> output, int searched, [NotNullWhen(true)] out GuestResponse? head, out int length)
    {
        head = null;
        length = LengthOfHead(output, searched);
        if (length < 0 ? output.Length > MaxHeadBytes : length > MaxHeadBytes)
        {
            throw ResponseHead.Invalid($"there is no blank line after its headers within {MaxHeadBytes} bytes");
        }

        if (length < 0)
        {
            return false;
        }

        head = ParseHead(output[..length]);
        return true;
    }

    /// <summary>The program ended before its head did.</summary>
    public static SandboxException EndedEarly(long bytes) => ResponseHead.Invalid(bytes == 0
        ? "it is empty; it should be headers, one of them Content-Type, Location or Status, a blank line, and the body"
        : $"its {bytes} bytes have no blank line, which ends the headers");

    private static GuestResponse ParseHead(ReadOnlySpan<byte> lines)
    {
        var head = new ResponseHead();
        long? status = null;
        var number = 0;
        while (!lines.IsEmpty)
        {
            var end = lines.IndexOf((byte)'\n');
            var line = lines[..end];
            lines = lines[(end + 1)..];
            line = line is [.., (byte)'\r'] ? line[..^1] : line;
            if (line.IsEmpty)
            {
                break;
            }

            var where = $"line {++number}";

            // Each byte as one character: whatever is no ASCII is refused by its value.
            var text = Encoding.Latin1.GetString(line);
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
            {
                throw ResponseHead.Invalid($"{where} is \"{Excerpt.Of(text)}\", which is no header: it has no colon");
            }

            var name = text[..colon];
            if (name.Equals("status", StringComparison.OrdinalIgnoreCase))
            {
                status = status is null
                    ? StatusOf(text[(colon + 1)..].Trim(' ', '\t'), where)
                    : throw ResponseHead.Invalid($"{where}: Status is there twice");
            }
            else
            {
                head.Add(name, text[(colon + 1)..], where);
            }
        }

        var isRedirect = head.Has("location");
        if (status is null && !isRedirect && !head.Has("content-type"))
        {
            throw ResponseHead.Invalid("its headers have neither Content-Type nor Location nor Status");
        }

        return head.End(status ?? (isRedirect ? Found : 200), "Status");
    }

    private static long StatusOf(string value, string where) =>
        value.Length >= 3
        && (value.Length == 3 || value[3] == ' ')
        && int.TryParse(value.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? status
            : throw ResponseHead.Invalid($"{where}: Status must be three digits and a reason, not \"{Excerpt.Of(value)}\"");

    /// <summary>Bytes up to the end of the first blank line; -1 if there is none.</summary>
    private static int LengthOfHead(ReadOnlySpan<byte> output, int searched)
    {
        // The end of the line before may be among the bytes that were searched.
        var at = Math.Max(0, searched - 2);
        while (output[at..].IndexOf((byte)'\n') is var offset and >= 0)
        {
            at += offset + 1;
            var before = output[..(at - 1)];
            if (before is [] or [.., (byte)'\n'] || before is [(byte)'\r'] or [.., (byte)'\n', (byte)'\r'])
            {
                return at;
            }
        }

        return -1;
    }
}
