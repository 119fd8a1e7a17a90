using System.IO.Compression;
using HeliosEdge.Cli.CommandLine;

namespace HeliosEdge.Cli.Bundles;

/// <summary>Packs directories for guests. The same files make the same bytes, whenever and in whatever order they were written.</summary>
internal static class BundleArchive
{
    // The first moment that the format can state.
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Packs all files and folders of a directory.</summary>
    /// <exception cref="FailureException">It is not there, cannot be read, or has something in it that is no plain file or folder.</exception>
    public static byte[] Pack(string directory)
    {
        try
        {
            var root = new DirectoryInfo(directory);
            if (!root.Exists)
            {
                throw new FailureException("file_not_found", $"There is no directory '{directory}'.", ExitCode.Usage);
            }

            using var bytes = new MemoryStream();
            using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            {
                foreach (var (path, file) in List(root, string.Empty).OrderBy(entry => entry.Path, StringComparer.Ordinal))
                {
                    Add(zip, path, file);
                }
            }

            return bytes.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException("file_unreadable", $"'{directory}' cannot be read: {e.Message}", ExitCode.Usage, e);
        }
    }

    private static IEnumerable<(string Path, FileInfo? File)> List(DirectoryInfo directory, string prefix)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos())
        {
            if (entry.LinkTarget is not null)
            {
                throw new FailureException("file_unreadable", $"'{entry.FullName}' is a link; a bundle has files and folders only.", ExitCode.Usage);
            }

            if (entry is DirectoryInfo folder)
            {
                yield return ($"{prefix}{entry.Name}/", null);
                foreach (var inner in List(folder, $"{prefix}{entry.Name}/"))
                {
                    yield return inner;
                }
            }
            else
            {
                yield return ($"{prefix}{entry.Name}", (FileInfo)entry);
            }
        }
    }

    private static void Add(ZipArchive zip, string path, FileInfo? file)
    {
        var entry = zip.CreateEntry(path, CompressionLevel.Optimal);
        entry.LastWriteTime = NoTime;
        entry.ExternalAttributes = 0;
        if (file is not null)
        {
            using var from = file.OpenRead();
            using var to = entry.Open();
            from.CopyTo(to);
        }
    }
}
