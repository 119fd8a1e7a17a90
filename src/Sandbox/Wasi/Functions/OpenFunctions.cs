using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Wasi.Descriptors;
using HeliosEdge.Sandbox.Wasi.Files;
using HeliosEdge.Sandbox.Wasi.Memory;

namespace HeliosEdge.Sandbox.Wasi.Functions;

/// <summary>Opening files and directories.</summary>
internal static class OpenFunctions
{
    private const Rights Writing = Rights.FdWrite | Rights.FdAllocate | Rights.FdFilestatSetSize;

    [Flags]
    private enum OpenFlags : uint
    {
        Create = 1,
        Directory = 2,
        Exclusive = 4,
        Truncate = 8,
        All = Create | Directory | Exclusive | Truncate,
    }

    public static void PathOpen(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var directory = PathFunctions.DirectoryOf(process, a[0], Rights.PathOpen);
        var holder = process.Descriptors[(uint)a[0]];
        var text = memory.ReadPath((uint)a[2], (uint)a[3]);
        var open = (OpenFlags)(uint)a[4];
        var rights = (Rights)a[5];
        var inheriting = (Rights)a[6];
        var flags = DescriptorFunctions.ReadFlags(a[7]);
        memory.CheckRange((uint)a[8], 4);
        Check(holder, open, rights, inheriting);
        process.Descriptors.ThrowIfFull();

        var exclusive = open.HasFlag(OpenFlags.Create) && open.HasFlag(OpenFlags.Exclusive);
        using var path = PathResolver.Resolve(directory, text, PathFunctions.Follows(a[1]) && !exclusive);
        var exists = path.TryGetStatus(out var status);
        if (!exists && !open.HasFlag(OpenFlags.Create))
        {
            throw new WasiException(Errno.NoEntry);
        }

        if (exists && exclusive)
        {
            throw new WasiException(Errno.Exists);
        }

        if (exists && status.Type == FileType.SymbolicLink)
        {
            throw new WasiException(Errno.Loop);
        }

        var mustBeDirectory = open.HasFlag(OpenFlags.Directory) || path.MustBeDirectory;
        if (mustBeDirectory && (!exists || status.Type != FileType.Directory))
        {
            // Only path_create_directory makes directories.
            throw new WasiException(!exists && path.MustBeDirectory && !open.HasFlag(OpenFlags.Directory) ? Errno.IsDirectory : Errno.NotDirectory);
        }

        var descriptor = exists && status.Type == FileType.Directory
            ? OpenDirectory(path, open, rights, inheriting, flags)
            : OpenFile(path, open, rights, inheriting, flags);
        memory.WriteU32((uint)a[8], process.Descriptors.Add(descriptor));
    }

    private static void Check(Descriptor holder, OpenFlags open, Rights rights, Rights inheriting)
    {
        if ((open & ~OpenFlags.All) != 0 || (open.HasFlag(OpenFlags.Directory) && open.HasFlag(OpenFlags.Create)))
        {
            throw new WasiException(Errno.Invalid);
        }

        if (open.HasFlag(OpenFlags.Create))
        {
            holder.Require(Rights.PathCreateFile);
        }

        if (open.HasFlag(OpenFlags.Truncate))
        {
            holder.Require(Rights.PathFilestatSetSize);
        }

        if (((rights | inheriting) & ~holder.Inheriting) != 0)
        {
            throw new WasiException(Errno.NotCapable);
        }
    }

    private static Descriptor OpenDirectory(in ResolvedPath path, OpenFlags open, Rights rights, Rights inheriting, DescriptorFlags flags)
    {
        if (open.HasFlag(OpenFlags.Truncate) || rights.HasFlag(Rights.FdWrite))
        {
            throw new WasiException(Errno.IsDirectory);
        }

        var opened = path.Name is { } name ? path.Parent.OpenDirectory(name) : path.Parent.Duplicate();
        return new Descriptor(opened, rights & Rights.Directory, inheriting, flags);
    }

    private static Descriptor OpenFile(in ResolvedPath path, OpenFlags open, Rights rights, Rights inheriting, DescriptorFlags flags)
    {
        var mode = new OpenMode(
            rights.HasFlag(Rights.FdRead),
            (rights & Writing) != 0,
            open.HasFlag(OpenFlags.Create),
            open.HasFlag(OpenFlags.Exclusive),
            open.HasFlag(OpenFlags.Truncate));
        var file = path.Parent.OpenFile(path.Name ?? throw new WasiException(Errno.IsDirectory), mode);
        return new Descriptor(file, rights & Rights.File, inheriting, flags);
    }
}
