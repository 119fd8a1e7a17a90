using System.Runtime.Intrinsics;
using HeliosEdge.Wasm.Binary;

namespace HeliosEdge.Wasm;

/// <summary>A global variable (core spec 4.2.9).</summary>
public sealed unsafe class Global : Extern // SAFETY: Cell points to 16 bytes of a native block that lives as long as the store.
{
    /// <summary>The value, where it is a reference; emitted IL loads it by name.</summary>
    internal object? Reference;

    /// <summary>Makes a global.</summary>
    /// <exception cref="ArgumentException">The value is of another type.</exception>
    public Global(Store store, ValueKind kind, bool mutable, WasmValue value)
        : this(store, new GlobalType(kind, mutable), store.Allocate(16))
    {
        Set(value);
    }

    internal Global(Store store, GlobalType type, byte* cell)
        : base(store)
    {
        Type = type;
        Cell = cell;
    }

    /// <inheritdoc/>
    public override ExternKind ExternKind => ExternKind.Global;

    /// <summary>The type of its value.</summary>
    public ValueKind Kind => Type.Kind;

    /// <summary>Whether it can be set.</summary>
    public bool IsMutable => Type.IsMutable;

    /// <summary>Its value, now.</summary>
    /// <exception cref="InvalidOperationException">Set on an immutable global.</exception>
    /// <exception cref="ArgumentException">Set to a value of another type.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public WasmValue Value
    {
        get
        {
            Store.ThrowIfDisposed();
            return new WasmValue(Kind, *(Vector128<byte>*)Cell, Reference);
        }

        set
        {
            Store.ThrowIfDisposed();
            if (!IsMutable)
            {
                throw new InvalidOperationException("The global is immutable.");
            }

            Set(value);
        }
    }

    internal GlobalType Type { get; }

    internal byte* Cell { get; }

    internal void Set(in WasmValue value)
    {
        if (value.Kind != Kind)
        {
            throw new ArgumentException($"A value of type {value.Kind} cannot be stored in a global of type {Kind}.", nameof(value));
        }

        *(Vector128<byte>*)Cell = value.Raw;
        Reference = value.Reference;
    }
}
