namespace HeliosEdge.Sandbox.Wasi.Files;

/// <summary>What is known of a file, type <c>filestat</c>; times in nanoseconds since 1970.</summary>
internal readonly record struct FileStatus(
    ulong Device, ulong Inode, FileType Type, ulong Links, ulong Size, ulong Accessed, ulong Modified, ulong Changed);
