namespace HeliosEdge.Sandbox.Wasi.Files;

/// <summary>One name in a directory.</summary>
internal readonly record struct DirectoryEntry(string Name, ulong Inode, FileType Type);
