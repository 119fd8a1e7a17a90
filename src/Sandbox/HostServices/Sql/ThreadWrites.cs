using System.Buffers.Text;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>
/// Counts what the calling thread has written to files, as Linux does in <c>/proc/thread-self/io</c>. SQLite unlinks its temporary files as
/// soon as they are open and has no limit for them; a statement runs on one thread, so that this is what the statement wrote.
/// </summary>
internal static class ThreadWrites
{
    private const string Path = "/proc/thread-self/io";

    /// <summary>True where the system counts.</summary>
    public static bool IsCounted { get; } = TryRead(out _);

    /// <summary>The bytes that this thread has written since it began; 0 where nobody counts.</summary>
    public static long Bytes => IsCounted && TryRead(out var bytes) ? bytes : 0;

    private static bool TryRead(out long bytes)
    {
        bytes = 0;
        try
        {
            using var file = File.OpenHandle(Path, options: FileOptions.None);
            Span<byte> text = stackalloc byte[256];
            text = text[..RandomAccess.Read(file, text, 0)];
            var at = text.IndexOf("wchar: "u8);
            return at >= 0 && Utf8Parser.TryParse(text[(at + 7)..], out bytes, out _);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return false;
        }
    }
}
