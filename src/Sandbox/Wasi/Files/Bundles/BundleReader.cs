using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using HeliosEdge.Sandbox.Wasi.Files.InMemory;

namespace HeliosEdge.Sandbox.Wasi.Files.Bundles;

/// <summary>
/// Unpacks bundles: ZIP archives of files and folders, from people whom nobody trusts. A bundle is taken whole or not at all, and
/// nothing of it is ever written to a disk.
/// </summary>
public sealed class BundleReader
{
    private const int MaxNameBytes = 255;
    private const int MaxShown = 80;

    // The upper half of the external attributes is the mode of a Unix file, or 0.
    private const int ModeShift = 16;
    private const int FileTypeMask = 0xF000;
    private const int RegularType = 0x8000;
    private const int FolderType = 0x4000;

    private readonly BundleLimits _limits;
    private readonly Folder _root = new();
    private readonly ulong _device = MemoryBudget.NextDevice();
    private ulong _inodes;
    private int _files;
    private int _folders;
    private long _fileBytes;

    private BundleReader(BundleLimits limits)
    {
        _limits = limits;
    }

    /// <summary>Unpacks a bundle into memory.</summary>
    /// <param name="archive">The ZIP archive.</param>
    /// <param name="limits">What it may be at most.</param>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.InvalidBundle"/>: it is no ZIP archive of plain files with clean relative paths; the message names the entry.
    /// <see cref="ErrorCodes.BundleTooLarge"/>: its bytes, its files' bytes or their number are above a limit.
    /// </exception>
    public static BundleTree Read(ReadOnlyMemory<byte> archive, BundleLimits limits)
    {
        if (archive.Length > limits.MaxArchiveBytes)
        {
            throw SandboxException.Breach(ErrorCodes.BundleTooLarge, "The bundle has", limits.MaxArchiveBytes, archive.Length, "bytes");
        }

        try
        {
            return new BundleReader(limits).Unpack(archive);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException)
        {
            throw new SandboxException(ErrorCodes.InvalidBundle, $"The bundle is no ZIP archive that can be read: {e.Message}", e);
        }
    }

    private BundleTree Unpack(ReadOnlyMemory<byte> archive)
    {
        // Archives come in arrays; what does not is copied.
        var bytes = MemoryMarshal.TryGetArray(archive, out var array) ? array : archive.ToArray();
        using var zip = new ZipArchive(new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false), ZipArchiveMode.Read);
        foreach (var entry in zip.Entries)
        {
            var path = entry.FullName;
            var isFolder = path.EndsWith('/');
            CheckKind(entry, isFolder);
            var names = SplitPath(isFolder ? path[..^1] : path, path);
            var folder = _root;
            foreach (var name in names.AsSpan(..^1))
            {
                folder = Enter(folder, name, path);
            }

            if (isFolder)
            {
                var made = Enter(folder, names[^1], path);
                if (made.IsStated || entry.Length != 0)
                {
                    throw Invalid(path, made.IsStated ? "is there twice" : "is a folder with content");
                }

                made.IsStated = true;
            }
            else if (!folder.Entries.TryAdd(names[^1], ReadFile(entry)))
            {
                throw Invalid(path, "is there twice");
            }
        }

        return new BundleTree(Freeze(_root), _files, _folders, _fileBytes);
    }

    private static void CheckKind(ZipArchiveEntry entry, bool isFolder)
    {
        var type = (entry.ExternalAttributes >> ModeShift) & FileTypeMask;
        if (type != 0 && type != (isFolder ? FolderType : RegularType))
        {
            throw Invalid(entry.FullName, "is a link or a device; a bundle has files and folders only");
        }

        if (entry.IsEncrypted)
        {
            throw Invalid(entry.FullName, "is encrypted");
        }
    }

    private string[] SplitPath(string path, string shown)
    {
        if (Encoding.UTF8.GetByteCount(path) is var bytes && bytes > _limits.MaxPathBytes)
        {
            throw Breach(shown, $"has a path of {bytes} bytes", _limits.MaxPathBytes, bytes);
        }

        // The replacement character stands for bytes that are no UTF-8.
        if (path.Any(c => c is '\\' or '\uFFFD' || char.IsControl(c)))
        {
            throw Invalid(shown, "has a backslash, a control character or bytes that are no UTF-8 in its path");
        }

        if (path.Length >= 2 && path[1] == ':' && char.IsAsciiLetter(path[0]))
        {
            throw Invalid(shown, "has a path that begins with a drive letter");
        }

        var names = path.Split('/');
        foreach (var name in names)
        {
            if (name is "" or "." or "..")
            {
                throw Invalid(shown, "has a path that is absolute or has an empty name, . or .. in it");
            }

            if (Encoding.UTF8.GetByteCount(name) is var length && length > MaxNameBytes)
            {
                throw Breach(shown, $"has a name of {length} bytes", MaxNameBytes, length);
            }
        }

        var depth = names.Length - 1;
        return depth <= _limits.MaxDepth ? names : throw Breach(shown, $"is {depth} folders deep", _limits.MaxDepth, depth);
    }

    private Folder Enter(Folder parent, string name, string path)
    {
        if (parent.Entries.TryGetValue(name, out var found))
        {
            return found as Folder ?? throw Invalid(path, $"needs a folder \"{name}\" where there is a file");
        }

        CountEntry();
        _folders++;
        var folder = new Folder();
        parent.Entries.Add(name, folder);
        return folder;
    }

    private BundleFile ReadFile(ZipArchiveEntry entry)
    {
        CountEntry();
        if (entry.Length < 0)
        {
            throw Invalid(entry.FullName, "is not what its length and checksum say");
        }

        if (entry.Length > _limits.MaxFileBytes - _fileBytes)
        {
            var least = entry.Length > long.MaxValue - _fileBytes ? long.MaxValue : _fileBytes + entry.Length;
            throw SandboxException.Breach(
                ErrorCodes.BundleTooLarge, "The bundle's files have at least", _limits.MaxFileBytes, least, "bytes unpacked");
        }

        // What an entry states is only believed once it was inflated: never more than that, and then its length and checksum have to fit.
        var content = new byte[entry.Length];
        using var stream = entry.Open();
        var length = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        if (length != content.Length || stream.ReadByte() >= 0 || Crc32.HashToUInt32(content) != entry.Crc32)
        {
            throw Invalid(entry.FullName, "is not what its length and checksum say");
        }

        _fileBytes += content.Length;
        _files++;
        return new BundleFile(_device, ++_inodes, content);
    }

    private void CountEntry()
    {
        if (_files + _folders >= _limits.MaxEntries)
        {
            throw SandboxException.Breach(
                ErrorCodes.BundleTooLarge, "The bundle has at least", _limits.MaxEntries, _limits.MaxEntries + 1L, "files and folders");
        }
    }

    private BundleDirectory Freeze(Folder folder) => new(
        _device,
        ++_inodes,
        folder.Entries.ToDictionary(entry => entry.Key, entry => entry.Value is Folder child ? Freeze(child) : entry.Value, StringComparer.Ordinal));

    private static SandboxException Invalid(string path, string fault) => new(ErrorCodes.InvalidBundle, $"{Entry(path)} {fault}.");

    private static SandboxException Breach(string path, string fault, long limit, long value) =>
        new(ErrorCodes.InvalidBundle, $"{Entry(path)} {fault}; the limit is {limit}.") { Limit = limit, Value = value };

    private static string Entry(string path) =>
        $"The bundle's entry \"{(path.Length <= MaxShown ? path : string.Concat(path.AsSpan(0, MaxShown), "…"))}\"";

    private sealed class Folder
    {
        public Dictionary<string, object> Entries { get; } = new(StringComparer.Ordinal);

        /// <summary>Whether it has an entry of its own, and is not only part of others' paths.</summary>
        public bool IsStated { get; set; }
    }
}
