using System.Runtime.InteropServices;
using HeliosEdge.Sandbox.Engines.Wasmtime;

namespace HeliosEdge.Sandbox.Tests.Engines.Wasmtime;

/// <summary>A struct that is shorter than the library's makes it read whatever happens to lie behind.</summary>
public sealed class NativeTypesTests
{
    [Fact]
    public void Structs_are_laid_out_as_in_the_headers()
    {
        (Marshal.SizeOf<MemoryHandle>(), OffsetOf<MemoryHandle>(nameof(MemoryHandle.First)), OffsetOf<MemoryHandle>(nameof(MemoryHandle.Second)))
            .ShouldBe((24, 8, 16));
        (Marshal.SizeOf<GlobalHandle>(), OffsetOf<GlobalHandle>(nameof(GlobalHandle.Third))).ShouldBe((24, 16));
        (Marshal.SizeOf<FunctionHandle>(), Marshal.SizeOf<InstanceHandle>(), Marshal.SizeOf<RawValue>()).ShouldBe((16, 16, 16));
        Marshal.SizeOf<ExternItem>().ShouldBeGreaterThanOrEqualTo(32);
        Marshal.SizeOf<Value>().ShouldBeGreaterThanOrEqualTo(32);
    }

    private static int OffsetOf<T>(string field) => (int)Marshal.OffsetOf<T>(field);
}
