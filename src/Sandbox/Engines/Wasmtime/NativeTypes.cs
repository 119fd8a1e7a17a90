using System.Runtime.InteropServices;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary><c>wasm_byte_vec_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ByteVector // SAFETY: filled by the library and given back by wasm_byte_vec_delete.
{
    public nuint Size;
    public byte* Data;
}

/// <summary><c>wasm_frame_vec_t</c> or <c>wasm_valtype_vec_t</c>: pointers to objects.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PointerVector // SAFETY: made by the library and given back to it.
{
    public nuint Size;
    public nint* Data;
}

/// <summary><c>wasmtime_instance_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InstanceHandle
{
    public ulong Store;
    public nuint Index;
}

/// <summary><c>wasmtime_func_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FunctionHandle
{
    public ulong Store;
    public nint Item;
}

/// <summary><c>wasmtime_memory_t</c>: the first two members are a struct of their own in C, padded to 16 bytes. They name the instance, the third its memory.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct MemoryHandle
{
    [FieldOffset(0)]
    public ulong Store;

    [FieldOffset(8)]
    public uint First;

    [FieldOffset(16)]
    public uint Second;
}

/// <summary><c>wasmtime_global_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GlobalHandle
{
    public ulong Store;
    public uint First;
    public uint Second;
    public uint Third;
}

/// <summary><c>wasmtime_extern_t</c>: a kind and a union; the room to spare covers every member of the union.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct ExternItem
{
    public const byte FunctionKind = 0;
    public const byte GlobalKind = 1;
    public const byte MemoryKind = 3;
    public const int UnionOffset = 8;

    /// <summary>What the library writes of it.</summary>
    public const int BytesOfLibrary = 32;

    [FieldOffset(0)]
    public byte Kind;

    [FieldOffset(UnionOffset)]
    public FunctionHandle Function;

    [FieldOffset(UnionOffset)]
    public GlobalHandle Global;

    [FieldOffset(UnionOffset)]
    public MemoryHandle Memory;
}

/// <summary><c>wasmtime_val_t</c>: a kind and a union.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct Value
{
    /// <summary>What the library writes of it.</summary>
    public const int BytesOfLibrary = 32;

    [FieldOffset(0)]
    public byte Kind;

    [FieldOffset(8)]
    public int I32;
}

/// <summary><c>wasmtime_val_raw_t</c>: 16 bytes, little-endian.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct RawValue
{
    [FieldOffset(0)]
    public int I32;

    [FieldOffset(0)]
    public long I64;

    /// <summary>The lower half of a vector.</summary>
    [FieldOffset(0)]
    public ulong Low;

    /// <summary>The upper half of a vector.</summary>
    [FieldOffset(8)]
    public ulong High;
}
