namespace HeliosEdge.Sandbox.Wasi.Files.InMemory;

/// <summary>A handle on a directory of an in-memory file system.</summary>
internal sealed class MemoryDirectoryNode(MemoryDirectory directory) : DirectoryNode
{
    private MemoryDirectory Directory => directory;

    /// <summary>An empty file system.</summary>
    /// <param name="maxBytes">What it may hold; more is <see cref="Errno.NoSpace"/>.</param>
    public static MemoryDirectoryNode CreateRoot(long maxBytes) => new(new MemoryDirectory(new MemoryBudget(maxBytes), null) { Links = 1 });

    public override DirectoryNode Duplicate() => new MemoryDirectoryNode(directory);

    public override FileStatus GetStatus() => directory.GetStatus();

    public override void SetTimes(ulong? accessed, ulong? modified) => directory.SetTimes(accessed, modified);

    public override IReadOnlyList<DirectoryEntry> List() =>
        [.. directory.Entries.Select(entry => new DirectoryEntry(entry.Key, entry.Value.Inode, entry.Value.Type))];

    public override FileStatus GetStatus(string name) => directory.Get(name).GetStatus();

    public override void SetTimes(string name, ulong? accessed, ulong? modified) => directory.Get(name).SetTimes(accessed, modified);

    public override string ReadLink(string name) =>
        (directory.Get(name) as MemorySymbolicLink)?.Target ?? throw new WasiException(Errno.Invalid);

    public override DirectoryNode OpenDirectory(string name) => directory.Get(name) switch
    {
        MemoryDirectory child => new MemoryDirectoryNode(child),
        MemorySymbolicLink => throw new WasiException(Errno.Loop),
        _ => throw new WasiException(Errno.NotDirectory),
    };

    public override OpenFile OpenFile(string name, OpenMode mode)
    {
        switch (directory.Find(name))
        {
            case null when mode.Create:
                var created = new MemoryFile(directory.Budget);
                directory.Add(name, created);
                return new OpenMemoryFile(created);
            case null:
                throw new WasiException(Errno.NoEntry);
            case not null when mode is { Create: true, Exclusive: true }:
                throw new WasiException(Errno.Exists);
            case MemoryFile file:
                if (mode.Truncate)
                {
                    file.SetSize(0);
                }

                return new OpenMemoryFile(file);
            case MemorySymbolicLink:
                throw new WasiException(Errno.Loop);
            default:
                throw new WasiException(Errno.IsDirectory);
        }
    }

    public override void CreateDirectory(string name)
    {
        ThrowIfTaken(name);
        directory.Add(name, new MemoryDirectory(directory.Budget, directory) { Links = 1 });
        directory.Links++;
    }

    public override void CreateSymbolicLink(string name, string target)
    {
        ThrowIfTaken(name);
        var link = new MemorySymbolicLink(directory.Budget, target);
        directory.Budget.Charge((long)link.Size);
        try
        {
            directory.Add(name, link);
        }
        catch (WasiException)
        {
            directory.Budget.Release((long)link.Size);
            throw;
        }
    }

    public override void Link(string name, DirectoryNode target, string targetName)
    {
        var to = SameFileSystem(target);
        var node = directory.Get(name);
        if (node is MemoryDirectory)
        {
            throw new WasiException(Errno.NotPermitted);
        }

        to.ThrowIfTaken(targetName);
        to.Directory.Add(targetName, node);
    }

    public override void Rename(string name, DirectoryNode target, string targetName)
    {
        var to = SameFileSystem(target).Directory;
        var node = directory.Get(name);
        var replaced = to.Find(targetName);
        if (replaced == node)
        {
            return;
        }

        if (node is MemoryDirectory moved)
        {
            for (var ancestor = to; ancestor is not null; ancestor = ancestor.Parent)
            {
                if (ancestor == moved)
                {
                    throw new WasiException(Errno.Invalid);
                }
            }

            if (replaced is MemoryDirectory { IsEmpty: false })
            {
                throw new WasiException(Errno.NotEmpty);
            }

            if (replaced is not (null or MemoryDirectory))
            {
                throw new WasiException(Errno.NotDirectory);
            }
        }
        else if (replaced is MemoryDirectory)
        {
            throw new WasiException(Errno.IsDirectory);
        }

        if (to.IsRemoved)
        {
            throw new WasiException(Errno.NoEntry);
        }

        if (replaced is not null)
        {
            Detach(to, targetName, replaced);
        }

        // Counted as linked meanwhile, so that the contents are not given back between the two names.
        node.Links++;
        directory.Remove(name);
        try
        {
            to.Add(targetName, node);
        }
        catch (WasiException)
        {
            directory.Add(name, node);
            throw;
        }
        finally
        {
            node.Links--;
        }

        if (node is MemoryDirectory child && to != directory)
        {
            child.Parent = to;
            directory.Links--;
            to.Links++;
        }
    }

    public override void Unlink(string name)
    {
        if (directory.Get(name) is MemoryDirectory)
        {
            throw new WasiException(Errno.IsDirectory);
        }

        directory.Remove(name);
    }

    public override void RemoveDirectory(string name)
    {
        if (directory.Get(name) is not MemoryDirectory child)
        {
            throw new WasiException(Errno.NotDirectory);
        }

        if (!child.IsEmpty)
        {
            throw new WasiException(Errno.NotEmpty);
        }

        Detach(directory, name, child);
    }

    private static void Detach(MemoryDirectory from, string name, MemoryNode node)
    {
        from.Remove(name);
        if (node is MemoryDirectory removed)
        {
            removed.IsRemoved = true;
            removed.Links = 0;
            from.Links--;
        }
    }

    private MemoryDirectoryNode SameFileSystem(DirectoryNode other) =>
        other is MemoryDirectoryNode memory && memory.Directory.Budget == directory.Budget
            ? memory
            : throw new WasiException(Errno.CrossDevice);

    private void ThrowIfTaken(string name)
    {
        if (directory.Find(name) is not null)
        {
            throw new WasiException(Errno.Exists);
        }
    }
}
