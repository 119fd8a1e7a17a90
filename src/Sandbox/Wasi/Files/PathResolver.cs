namespace HeliosEdge.Sandbox.Wasi.Files;

/// <summary>
/// Walks paths component by component from the directory of a descriptor. A walk never leaves that directory: <c>..</c> goes back
/// only along directories the walk itself went through, absolute paths and links to them are refused, and each step opens one
/// component without following links, so that nobody can put a link in its way.
/// </summary>
internal static class PathResolver
{
    private const int MaxLinks = 40;
    private const int MaxPathLength = 4_096;
    private const int MaxNameLength = 255;
    private const int MaxDepth = 512;

    /// <summary>Resolves a path down to its last component.</summary>
    /// <param name="root">Where to start, and what not to leave.</param>
    /// <param name="path">The path.</param>
    /// <param name="followLast">Whether to follow a link that is the last component.</param>
    /// <param name="slashFollows">Whether a slash after a link means what the link leads to.</param>
    public static ResolvedPath Resolve(DirectoryNode root, string path, bool followLast, bool slashFollows = true)
    {
        var pending = new Stack<string>();
        Push(pending, path);
        var mustBeDirectory = path.EndsWith('/');
        var walked = new List<DirectoryNode>();
        var opened = new List<DirectoryNode>();
        var links = 0;
        try
        {
            while (true)
            {
                var current = walked.Count == 0 ? root : walked[^1];
                if (!pending.TryPop(out var name))
                {
                    return new ResolvedPath(current, null, mustBeDirectory, opened);
                }

                if (name == ".")
                {
                    continue;
                }

                if (name == "..")
                {
                    if (walked.Count == 0)
                    {
                        throw new WasiException(Errno.NotPermitted);
                    }

                    walked.RemoveAt(walked.Count - 1);
                    continue;
                }

                var isLast = pending.Count == 0;
                if (isLast && !followLast && !(mustBeDirectory && slashFollows))
                {
                    return new ResolvedPath(current, name, mustBeDirectory, opened);
                }

                if (!TryGetType(current, name, out var type))
                {
                    return isLast ? new ResolvedPath(current, name, mustBeDirectory, opened) : throw new WasiException(Errno.NoEntry);
                }

                if (type == FileType.SymbolicLink)
                {
                    if (++links > MaxLinks)
                    {
                        throw new WasiException(Errno.Loop);
                    }

                    var target = current.ReadLink(name);
                    mustBeDirectory |= isLast && target.EndsWith('/');
                    Push(pending, target);
                }
                else if (isLast)
                {
                    return new ResolvedPath(current, name, mustBeDirectory, opened);
                }
                else if (type != FileType.Directory)
                {
                    throw new WasiException(Errno.NotDirectory);
                }
                else
                {
                    if (walked.Count == MaxDepth)
                    {
                        throw new WasiException(Errno.NameTooLong);
                    }

                    var next = current.OpenDirectory(name);
                    opened.Add(next);
                    walked.Add(next);
                }
            }
        }
        catch
        {
            foreach (var directory in opened)
            {
                directory.Dispose();
            }

            throw;
        }
    }

    private static bool TryGetType(DirectoryNode directory, string name, out FileType type)
    {
        try
        {
            type = directory.GetStatus(name).Type;
            return true;
        }
        catch (WasiException e) when (e.Errno == Errno.NoEntry)
        {
            type = default;
            return false;
        }
    }

    private static void Push(Stack<string> pending, string path)
    {
        if (path.Length == 0)
        {
            throw new WasiException(Errno.NoEntry);
        }

        if (path[0] == '/')
        {
            throw new WasiException(Errno.NotPermitted);
        }

        if (path.Length > MaxPathLength)
        {
            throw new WasiException(Errno.NameTooLong);
        }

        var components = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = components.Length - 1; i >= 0; i--)
        {
            // Every character of UTF-16 is at least a byte of UTF-8; file systems with a shorter limit answer for themselves.
            if (components[i].Length > MaxNameLength)
            {
                throw new WasiException(Errno.NameTooLong);
            }

            pending.Push(components[i]);
        }
    }
}
