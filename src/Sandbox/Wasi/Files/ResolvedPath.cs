namespace HeliosEdge.Sandbox.Wasi.Files;

/// <summary>Where a path leads: a name in a directory, or the directory itself. Disposing gives back what the walk opened.</summary>
internal readonly struct ResolvedPath(DirectoryNode parent, string? name, bool mustBeDirectory, List<DirectoryNode> opened) : IDisposable
{
    public DirectoryNode Parent => parent;

    /// <summary>The last component; null where the path leads to <see cref="Parent"/> itself.</summary>
    public string? Name => name;

    /// <summary>Whether the path ended with a slash.</summary>
    public bool MustBeDirectory => mustBeDirectory;

    public FileStatus GetStatus() => name is null ? parent.GetStatus() : parent.GetStatus(name);

    public bool TryGetStatus(out FileStatus status)
    {
        try
        {
            status = GetStatus();
            return true;
        }
        catch (WasiException e) when (e.Errno == Errno.NoEntry)
        {
            status = default;
            return false;
        }
    }

    public void Dispose()
    {
        foreach (var directory in opened)
        {
            directory.Dispose();
        }
    }
}
