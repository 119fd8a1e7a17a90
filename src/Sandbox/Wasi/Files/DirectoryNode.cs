namespace HeliosEdge.Sandbox.Wasi.Files;

/// <summary>
/// A handle on a directory. Names are single components: none is empty, <c>.</c> or <c>..</c>, or has a slash. No operation follows
/// a symbolic link; that is <see cref="PathResolver"/>'s business alone.
/// </summary>
internal abstract class DirectoryNode : IDisposable
{
    /// <summary>Another handle on the same directory.</summary>
    public abstract DirectoryNode Duplicate();

    public abstract FileStatus GetStatus();

    public abstract void SetTimes(ulong? accessed, ulong? modified);

    public abstract IReadOnlyList<DirectoryEntry> List();

    public abstract FileStatus GetStatus(string name);

    public abstract void SetTimes(string name, ulong? accessed, ulong? modified);

    public abstract string ReadLink(string name);

    public abstract DirectoryNode OpenDirectory(string name);

    public abstract OpenFile OpenFile(string name, OpenMode mode);

    public abstract void CreateDirectory(string name);

    public abstract void CreateSymbolicLink(string name, string target);

    public abstract void Link(string name, DirectoryNode target, string targetName);

    public abstract void Rename(string name, DirectoryNode target, string targetName);

    public abstract void Unlink(string name);

    public abstract void RemoveDirectory(string name);

    public virtual void Sync()
    {
    }

    public virtual void Dispose()
    {
    }
}
