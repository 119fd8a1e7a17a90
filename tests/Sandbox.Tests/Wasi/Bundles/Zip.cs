using System.IO.Compression;
using System.Text;

namespace HeliosEdge.Sandbox.Tests.Wasi.Bundles;

/// <summary>Makes ZIP archives, also ones that no packer makes.</summary>
internal static class Zip
{
    public static byte[] Of(params (string Path, string Content)[] entries) => With(zip =>
    {
        foreach (var (path, content) in entries)
        {
            Add(zip, path, Encoding.UTF8.GetBytes(content));
        }
    });

    public static byte[] With(Action<ZipArchive> fill)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            fill(zip);
        }

        return bytes.ToArray();
    }

    public static ZipArchiveEntry Add(ZipArchive zip, string path, ReadOnlySpan<byte> content, CompressionLevel level = CompressionLevel.Optimal)
    {
        var entry = zip.CreateEntry(path, level);
        using var stream = entry.Open();
        stream.Write(content);
        return entry;
    }

    /// <summary>Puts other bytes in place of every occurrence of a text.</summary>
    public static byte[] Replace(byte[] archive, string old, string replacement)
    {
        var (from, to) = (Encoding.Latin1.GetBytes(old), Encoding.Latin1.GetBytes(replacement));
        from.Length.ShouldBe(to.Length);
        var changed = archive.ToArray();
        for (var at = 0; changed.AsSpan(at).IndexOf(from) is var next and >= 0; at += next + from.Length)
        {
            to.CopyTo(changed, at + next);
        }

        return changed;
    }
}
