using System.Runtime.InteropServices;
using System.Text;

namespace HeliosEdge.Sandbox.Wasi.Files.Host;

/// <summary>A handle on a directory of the host's. Every call is relative to it and opens one name without following links.</summary>
internal sealed class HostDirectory(SafeDescriptor descriptor) : DirectoryNode
{
    private const int EntryHeaderBytes = 19;

    /// <summary>Opens a directory by a path of the host's, links included: the operator named it.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: there is none, or it may not be read, or the host is not Linux.</exception>
    public static HostDirectory Open(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, "Directories of the host can be given to guests on Linux only.");
        }

        try
        {
            return new HostDirectory(Libc.Open(null, path, Libc.DirectoryOnly));
        }
        catch (WasiException e)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"The directory \"{path}\" cannot be opened: {e.Errno}.", e);
        }
    }

    public override DirectoryNode Duplicate() => new HostDirectory(Libc.Open(descriptor, ".", Libc.DirectoryOnly | Libc.NoFollow));

    public override FileStatus GetStatus() => Libc.Status(descriptor, "", Libc.EmptyPath);

    public override void SetTimes(ulong? accessed, ulong? modified) => Libc.SetTimes(descriptor, null, accessed, modified);

    public override IReadOnlyList<DirectoryEntry> List()
    {
        // A descriptor of its own, because listing moves the position of the one it reads.
        using var listed = Libc.Open(descriptor, ".", Libc.DirectoryOnly | Libc.NoFollow);
        var entries = new List<DirectoryEntry>();
        var buffer = new byte[32_768];
        while (Libc.ReadEntries(listed, buffer) is var count and > 0)
        {
            for (var rest = buffer.AsSpan(0, count); !rest.IsEmpty; rest = rest[MemoryMarshal.Read<ushort>(rest[16..])..])
            {
                var name = rest[EntryHeaderBytes..];
                name = name[..name.IndexOf((byte)0)];
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                {
                    entries.Add(new DirectoryEntry(Encoding.UTF8.GetString(name), MemoryMarshal.Read<ulong>(rest), TypeOf(rest[18])));
                }
            }
        }

        return entries;
    }

    public override FileStatus GetStatus(string name) => Libc.Status(descriptor, name, Libc.NoFollowStatus);

    public override void SetTimes(string name, ulong? accessed, ulong? modified) => Libc.SetTimes(descriptor, name, accessed, modified);

    public override string ReadLink(string name) => Libc.ReadLink(descriptor, name);

    public override DirectoryNode OpenDirectory(string name) =>
        new HostDirectory(Libc.Open(descriptor, name, Libc.DirectoryOnly | Libc.NoFollow));

    public override OpenFile OpenFile(string name, OpenMode mode)
    {
        // Without blocking: opening a pipe would otherwise wait for its other end.
        var flags = Libc.NoFollow | Libc.NonBlocking | Libc.NoControllingTerminal;
        flags |= (mode.Read, mode.Write || mode.Truncate) switch
        {
            (true, true) => Libc.ReadWrite,
            (false, true) => Libc.WriteOnly,
            _ => 0,
        };
        flags |= mode.Create ? Libc.Create : 0;
        flags |= mode is { Create: true, Exclusive: true } ? Libc.Exclusive : 0;
        flags |= mode.Truncate ? Libc.Truncate : 0;
        var file = Libc.Open(descriptor, name, flags, mode: 0x1b6);
        try
        {
            var type = Libc.Status(file, "", Libc.EmptyPath).Type;
            return type == FileType.Directory ? throw new WasiException(Errno.IsDirectory) : new HostFile(file, type);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override void CreateDirectory(string name) => Libc.MakeDirectory(descriptor, name);

    public override void CreateSymbolicLink(string name, string target) => Libc.SymbolicLink(descriptor, name, target);

    public override void Link(string name, DirectoryNode target, string targetName) =>
        Libc.Link(descriptor, name, DescriptorOf(target), targetName);

    public override void Rename(string name, DirectoryNode target, string targetName) =>
        Libc.Rename(descriptor, name, DescriptorOf(target), targetName);

    public override void Unlink(string name) => Libc.Unlink(descriptor, name, 0);

    public override void RemoveDirectory(string name) => Libc.Unlink(descriptor, name, Libc.RemoveDirectory);

    public override void Sync() => Libc.Sync(descriptor);

    public override void Dispose() => descriptor.Dispose();

    private SafeDescriptor DescriptorOf(DirectoryNode other) =>
        other is HostDirectory directory ? directory.Handle : throw new WasiException(Errno.CrossDevice);

    private SafeDescriptor Handle => descriptor;

    private static FileType TypeOf(byte type) => type switch
    {
        2 => FileType.CharacterDevice,
        4 => FileType.Directory,
        6 => FileType.BlockDevice,
        8 => FileType.RegularFile,
        10 => FileType.SymbolicLink,
        12 => FileType.SocketStream,
        _ => FileType.Unknown,
    };
}
