using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Sandbox.Tests.Memory;

/// <summary>A guest whose memory is an array and whose allocator is the test's.</summary>
internal sealed class ModelGuest(byte[] memory) : IGuestAccess
{
    public byte[] Bytes { get; set; } = memory;

    public Func<ModelGuest, int, int>? Allocator { get; init; }

    public Action<int, int>? Deallocator { get; init; }

    public bool HasMemory { get; init; } = true;

    public long MemoryLength => Bytes.Length;

    public Span<byte> Memory(long offset, int length) => Bytes.AsSpan(checked((int)offset), length);

    public bool HasFunction(string export, string type) => export switch
    {
        "__wasm_allocate" => Allocator is not null && type == "(i32) -> (i32)",
        "__wasm_deallocate" => Deallocator is not null && type == "(i32, i32) -> ()",
        _ => false,
    };

    public int Call(string export, int argument) => Allocator!(this, argument);

    public void Run(string export, int first, int second) => Deallocator!(first, second);
}
