using System.Collections.Frozen;

namespace HeliosEdge.Sandbox.Wasi.Files.Bundles;

/// <summary>A folder of a bundle. It is its own handle, and disposing that does nothing: a mount costs a guest no copy.</summary>
internal sealed class BundleDirectory(ulong device, ulong inode, IReadOnlyDictionary<string, object> entries) : DirectoryNode
{
    private readonly FrozenDictionary<string, object> _entries = entries.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly DirectoryEntry[] _listing =
    [
        .. entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => entry.Value is BundleDirectory folder
            ? new DirectoryEntry(entry.Key, folder.Inode, FileType.Directory)
            : new DirectoryEntry(entry.Key, ((BundleFile)entry.Value).Inode, FileType.RegularFile)),
    ];

    public ulong Inode => inode;

    public override DirectoryNode Duplicate() => this;

    public override FileStatus GetStatus() => new(device, inode, FileType.Directory, 1, 0, 0, 0, 0);

    public override IReadOnlyList<DirectoryEntry> List() => _listing;

    public override FileStatus GetStatus(string name) => Get(name) switch
    {
        BundleDirectory folder => folder.GetStatus(),
        var file => ((BundleFile)file).GetStatus(),
    };

    public override string ReadLink(string name)
    {
        Get(name);
        throw new WasiException(Errno.Invalid);
    }

    public override DirectoryNode OpenDirectory(string name) => Get(name) as BundleDirectory ?? throw new WasiException(Errno.NotDirectory);

    public override OpenFile OpenFile(string name, OpenMode mode)
    {
        if (!_entries.TryGetValue(name, out var entry))
        {
            throw new WasiException(mode.Create ? Errno.ReadOnly : Errno.NoEntry);
        }

        if (mode is { Create: true, Exclusive: true })
        {
            throw new WasiException(Errno.Exists);
        }

        var file = entry as BundleFile ?? throw new WasiException(Errno.IsDirectory);
        return mode.Write || mode.Truncate ? throw new WasiException(Errno.ReadOnly) : file;
    }

    public override void SetTimes(ulong? accessed, ulong? modified) => throw new WasiException(Errno.ReadOnly);

    public override void SetTimes(string name, ulong? accessed, ulong? modified) => RefuseChange(name);

    public override void CreateDirectory(string name) => RefuseNew(name);

    public override void CreateSymbolicLink(string name, string target) => RefuseNew(name);

    public override void Link(string name, DirectoryNode target, string targetName) => RefuseChange(name);

    public override void Rename(string name, DirectoryNode target, string targetName) => RefuseChange(name);

    public override void Unlink(string name) => RefuseChange(name);

    public override void RemoveDirectory(string name) => RefuseChange(name);

    private object Get(string name) => _entries.TryGetValue(name, out var entry) ? entry : throw new WasiException(Errno.NoEntry);

    private void RefuseNew(string name) => throw new WasiException(_entries.ContainsKey(name) ? Errno.Exists : Errno.ReadOnly);

    private void RefuseChange(string name)
    {
        Get(name);
        throw new WasiException(Errno.ReadOnly);
    }
}
