using System.Runtime.InteropServices;

namespace HeliosEdge.Sandbox.Wasi.Files.Host;

/// <summary>A descriptor of the host's, closed once.</summary>
internal sealed partial class SafeDescriptor : SafeHandle
{
    public SafeDescriptor(int descriptor)
        : base(-1, ownsHandle: true)
    {
        SetHandle(descriptor);
    }

    public override bool IsInvalid => handle < 0;

    protected override bool ReleaseHandle() => Close((int)handle) == 0;

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
