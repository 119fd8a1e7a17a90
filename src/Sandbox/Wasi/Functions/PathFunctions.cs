using System.Text;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Wasi.Descriptors;
using HeliosEdge.Sandbox.Wasi.Files;
using HeliosEdge.Sandbox.Wasi.Memory;

namespace HeliosEdge.Sandbox.Wasi.Functions;

/// <summary>What is done to names.</summary>
internal static class PathFunctions
{
    private const uint SymlinkFollow = 1;

    public static void PathCreateDirectory(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var directory = DirectoryOf(process, a[0], Rights.PathCreateDirectory);
        using var path = PathResolver.Resolve(directory, memory.ReadPath((uint)a[1], (uint)a[2]), followLast: false, slashFollows: false);
        path.Parent.CreateDirectory(path.Name ?? throw new WasiException(Errno.Exists));
    }

    public static void PathFilestatGet(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var directory = DirectoryOf(process, a[0], Rights.PathFilestatGet);
        using var path = PathResolver.Resolve(directory, memory.ReadPath((uint)a[2], (uint)a[3]), Follows(a[1]));
        DescriptorFunctions.WriteStatus(memory, (uint)a[4], Existing(path));
    }

    public static void PathFilestatSetTimes(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var directory = DirectoryOf(process, a[0], Rights.PathFilestatSetTimes);
        var (accessed, modified) = DescriptorFunctions.ReadTimes(a[4], a[5], a[6]);
        using var path = PathResolver.Resolve(directory, memory.ReadPath((uint)a[2], (uint)a[3]), Follows(a[1]));
        Existing(path);
        if (path.Name is { } name)
        {
            path.Parent.SetTimes(name, accessed, modified);
        }
        else
        {
            path.Parent.SetTimes(accessed, modified);
        }
    }

    public static void PathLink(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var from = DirectoryOf(process, a[0], Rights.PathLinkSource);
        var to = DirectoryOf(process, a[4], Rights.PathLinkTarget);
        var oldPath = memory.ReadPath((uint)a[2], (uint)a[3]);
        var newPath = memory.ReadPath((uint)a[5], (uint)a[6]);

        // Linking to what a link leads to cannot be done without a race on every host, so that it is not offered.
        if (Follows(a[1]))
        {
            throw new WasiException(Errno.Invalid);
        }

        using var source = PathResolver.Resolve(from, oldPath, followLast: false);
        using var target = PathResolver.Resolve(to, newPath, followLast: false, slashFollows: false);
        var status = Existing(source);
        if (status.Type == FileType.Directory || source.Name is null)
        {
            throw new WasiException(Errno.NotPermitted);
        }

        if (target.Name is null)
        {
            throw new WasiException(Errno.Exists);
        }

        if (target.MustBeDirectory)
        {
            throw new WasiException(target.TryGetStatus(out _) ? Errno.Exists : Errno.NoEntry);
        }

        source.Parent.Link(source.Name, target.Parent, target.Name);
    }

    public static void PathReadlink(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var directory = DirectoryOf(process, a[0], Rights.PathReadlink);
        var buffer = memory.Bytes((uint)a[3], (uint)a[4]);
        memory.CheckRange((uint)a[5], 4);
        using var path = PathResolver.Resolve(directory, memory.ReadPath((uint)a[1], (uint)a[2]), followLast: false);
        if (Existing(path).Type != FileType.SymbolicLink)
        {
            throw new WasiException(Errno.Invalid);
        }

        var target = Encoding.UTF8.GetBytes(path.Parent.ReadLink(path.Name!));
        var count = Math.Min(target.Length, buffer.Length);
        target.AsSpan(0, count).CopyTo(buffer);
        memory.WriteU32((uint)a[5], (uint)count);
    }

    public static void PathRemoveDirectory(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var directory = DirectoryOf(process, a[0], Rights.PathRemoveDirectory);
        var text = memory.ReadPath((uint)a[1], (uint)a[2]);
        using var path = PathResolver.Resolve(directory, text, followLast: false, slashFollows: false);
        path.Parent.RemoveDirectory(path.Name ?? throw new WasiException(EndsInDots(text) ? Errno.NotEmpty : Errno.Invalid));
    }

    public static void PathRename(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var from = DirectoryOf(process, a[0], Rights.PathRenameSource);
        var to = DirectoryOf(process, a[3], Rights.PathRenameTarget);
        using var source = PathResolver.Resolve(from, memory.ReadPath((uint)a[1], (uint)a[2]), followLast: false, slashFollows: false);
        using var target = PathResolver.Resolve(to, memory.ReadPath((uint)a[4], (uint)a[5]), followLast: false, slashFollows: false);
        if (source.Name is null || target.Name is null)
        {
            throw new WasiException(Errno.Busy);
        }

        var status = source.GetStatus();
        if ((source.MustBeDirectory || target.MustBeDirectory) && status.Type != FileType.Directory)
        {
            throw new WasiException(Errno.NotDirectory);
        }

        source.Parent.Rename(source.Name, target.Parent, target.Name);
    }

    public static void PathSymlink(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var directory = DirectoryOf(process, a[2], Rights.PathSymlink);
        var content = memory.ReadPath((uint)a[0], (uint)a[1]);
        using var path = PathResolver.Resolve(directory, memory.ReadPath((uint)a[3], (uint)a[4]), followLast: false, slashFollows: false);
        if (content.Length == 0)
        {
            throw new WasiException(Errno.NoEntry);
        }

        // Never resolved when the guest makes it follow it, but other programs on the host would.
        if (content[0] == '/')
        {
            throw new WasiException(Errno.NotPermitted);
        }

        if (path.Name is null)
        {
            throw new WasiException(Errno.Exists);
        }

        if (path.MustBeDirectory)
        {
            throw new WasiException(
                !path.TryGetStatus(out var status) ? Errno.NoEntry : status.Type == FileType.Directory ? Errno.Exists : Errno.NotDirectory);
        }

        path.Parent.CreateSymbolicLink(path.Name, content);
    }

    public static void PathUnlinkFile(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var directory = DirectoryOf(process, a[0], Rights.PathUnlinkFile);
        using var path = PathResolver.Resolve(directory, memory.ReadPath((uint)a[1], (uint)a[2]), followLast: false, slashFollows: false);
        if (path.Name is null)
        {
            throw new WasiException(Errno.IsDirectory);
        }

        if (path.MustBeDirectory && path.GetStatus().Type != FileType.Directory)
        {
            throw new WasiException(Errno.NotDirectory);
        }

        path.Parent.Unlink(path.Name);
    }

    internal static bool Follows(long lookupFlags) => ((uint)lookupFlags & ~SymlinkFollow) == 0
        ? (lookupFlags & SymlinkFollow) != 0
        : throw new WasiException(Errno.Invalid);

    /// <summary>What the path leads to, which must be a directory where the path ends with a slash.</summary>
    internal static FileStatus Existing(in ResolvedPath path)
    {
        var status = path.GetStatus();
        return path.MustBeDirectory && status.Type != FileType.Directory ? throw new WasiException(Errno.NotDirectory) : status;
    }

    internal static DirectoryNode DirectoryOf(WasiProcess process, long number, Rights rights)
    {
        var descriptor = process.Descriptors[(uint)number];
        var directory = descriptor.Directory;
        descriptor.Require(rights);
        return directory;
    }

    private static bool EndsInDots(string path) => path.TrimEnd('/').EndsWith("..", StringComparison.Ordinal);
}
