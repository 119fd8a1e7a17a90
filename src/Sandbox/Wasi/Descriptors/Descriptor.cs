using HeliosEdge.Sandbox.Wasi.Files;

namespace HeliosEdge.Sandbox.Wasi.Descriptors;

/// <summary>What a descriptor's number stands for: an open file or an open directory, and what may be done with it.</summary>
internal sealed class Descriptor : IDisposable
{
    private readonly OpenFile? _file;
    private readonly DirectoryNode? _directory;

    public Descriptor(OpenFile file, Rights rights, Rights inheriting, DescriptorFlags flags)
    {
        _file = file;
        Rights = rights;
        Inheriting = inheriting;
        Flags = flags;
    }

    public Descriptor(DirectoryNode directory, Rights rights, Rights inheriting, DescriptorFlags flags)
    {
        _directory = directory;
        Rights = rights;
        Inheriting = inheriting;
        Flags = flags;
    }

    public Rights Rights { get; set; }

    public Rights Inheriting { get; set; }

    public DescriptorFlags Flags { get; set; }

    /// <summary>Where the next read or write of a seekable file is.</summary>
    public long Position { get; set; }

    /// <summary>The guest's name for a directory that was open before the guest ran, in UTF-8; null for everything else.</summary>
    public byte[]? PreopenName { get; init; }

    /// <summary>The names that <c>fd_readdir</c> cookies count.</summary>
    public IReadOnlyList<DirectoryEntry>? Listing { get; set; }

    public FileType Type => _file?.Type ?? FileType.Directory;

    public OpenFile File => _file ?? throw new WasiException(Errno.IsDirectory);

    public DirectoryNode Directory => _directory ?? throw new WasiException(Errno.NotDirectory);

    public bool IsDirectory => _directory is not null;

    public FileStatus GetStatus() => _file?.GetStatus() ?? Directory.GetStatus();

    public void Require(Rights rights)
    {
        if ((Rights & rights) != rights)
        {
            throw new WasiException(Errno.NotCapable);
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _directory?.Dispose();
    }
}
