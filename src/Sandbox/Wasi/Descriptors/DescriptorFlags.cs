namespace HeliosEdge.Sandbox.Wasi.Descriptors;

/// <summary>How a descriptor reads and writes, type <c>fdflags</c>.</summary>
[Flags]
internal enum DescriptorFlags : ushort
{
    None = 0,
    Append = 1,
    DataSync = 2,
    NonBlocking = 4,
    ReadSync = 8,
    Sync = 16,
    All = Append | DataSync | NonBlocking | ReadSync | Sync,
}
