using System.Buffers;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Silo.Http;

/// <summary>Reads request bodies up to a limit; nothing past it is ever buffered.</summary>
internal static class RequestBody
{
    /// <summary>What a registration has besides its settings.</summary>
    private const int RegistrationFrame = 64 << 10;

    /// <summary>A sender who announces much gets no more than this before it comes.</summary>
    private const int FirstBuffer = 64 << 10;

    /// <summary>
    /// Bytes of a registration's body: settings may be as large as the policy lets them be, and twice that where characters are written as escapes.
    /// </summary>
    public static int RegistrationBytes(SandboxPolicy policy) =>
        (int)Math.Min(RegistrationFrame + (2L * policy.Ceiling.MaxConfigBytes), Array.MaxLength);

    /// <summary>Reads the whole body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="limit">Bytes it may have.</param>
    /// <param name="code">The error code if it has more.</param>
    /// <param name="what">What it is, for the message.</param>
    /// <exception cref="SandboxException">It has more.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, int limit, string code, string what)
    {
        var announced = request.ContentLength;
        ThrowIfTooLarge(announced, limit, code, what);
        if (announced == 0)
        {
            return default;
        }

        var bytes = announced is { } known ? new byte[Math.Min((int)known, FirstBuffer)] : [];
        var length = 0;
        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(request.HttpContext.RequestAborted);
            var total = length + read.Buffer.Length;
            if (total > limit)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                throw TooLarge(limit, total, code, $"{what} has {total} bytes or more");
            }

            if (total > bytes.Length)
            {
                var most = (int)Math.Min(announced ?? limit, limit);
                Array.Resize(ref bytes, (int)Math.Max(total, Math.Min(most, 2L * bytes.Length)));
            }

            read.Buffer.CopyTo(bytes.AsSpan(length));
            length = (int)total;
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return bytes.AsMemory(0, length);
            }
        }
    }

    /// <summary>Refuses a body by the length that its sender states.</summary>
    /// <exception cref="SandboxException">It has more bytes than it may have.</exception>
    public static void ThrowIfTooLarge(long? announced, int limit, string code, string what)
    {
        if (announced > limit)
        {
            throw TooLarge(limit, announced.Value, code, $"{what} has {announced} bytes");
        }
    }

    private static SandboxException TooLarge(int limit, long size, string code, string what) =>
        new(code, $"{what}; the limit is {limit} bytes.") { Limit = limit, Value = size };
}
