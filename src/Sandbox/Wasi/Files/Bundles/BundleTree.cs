namespace HeliosEdge.Sandbox.Wasi.Files.Bundles;

/// <summary>An unpacked bundle: folders and files in memory that nobody can change. Safe for all threads and any number of guests at once.</summary>
public sealed class BundleTree
{
    // About what a file's or folder's objects take.
    private const int EntryBytes = 256;

    internal BundleTree(BundleDirectory root, int files, int folders, long fileBytes)
    {
        Root = root;
        Files = files;
        FileBytes = fileBytes;
        MemoryBytes = fileBytes + ((files + folders) * (long)EntryBytes);
    }

    /// <summary>How many files there are.</summary>
    public int Files { get; }

    /// <summary>Bytes of all files together.</summary>
    public long FileBytes { get; }

    /// <summary>About how many bytes of memory the tree takes.</summary>
    public long MemoryBytes { get; }

    internal BundleDirectory Root { get; }
}
