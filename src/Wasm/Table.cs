using HeliosEdge.Wasm.Binary;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm;

/// <summary>A table of references (core spec 4.2.7).</summary>
public sealed class Table : Extern
{
    /// <summary>
    /// The elements of a table of functions, else empty; emitted IL loads it by name. A null here may stand for a function that a
    /// segment put there and nobody has asked for yet: <see cref="Resolve"/> makes it.
    /// </summary>
    internal Function?[] Functions = [];

    /// <summary>The elements of a table of host objects, else empty.</summary>
    internal object?[] Objects = [];

    // Function index + 1 in _lazyOwner for each element not yet made, else 0: a fresh instance does not pay for entries never called.
    private int[]? _lazy;
    private InstanceContext? _lazyOwner;
    private readonly uint _minimum;

    /// <summary>Makes a table of null references.</summary>
    /// <param name="store">Who owns it.</param>
    /// <param name="elementKind"><see cref="ValueKind.FuncRef"/> or <see cref="ValueKind.ExternRef"/>.</param>
    /// <param name="minimum">How many elements it starts with.</param>
    /// <param name="maximum">How many it may ever have, or null.</param>
    /// <exception cref="ArgumentException">The kind is no reference type, or the minimum is over the maximum.</exception>
    /// <exception cref="ResourceLimitException">The minimum is over the store's <see cref="StoreLimits.MaxTableElements"/>.</exception>
    public Table(Store store, ValueKind elementKind, uint minimum, uint? maximum)
        : base(store)
    {
        store.ThrowIfDisposed();
        if (elementKind is not (ValueKind.FuncRef or ValueKind.ExternRef))
        {
            throw new ArgumentException($"A table holds references, not {elementKind}.", nameof(elementKind));
        }

        if (minimum > (maximum ?? minimum))
        {
            throw new ArgumentException($"The minimum {minimum} is over the maximum {maximum}.", nameof(minimum));
        }

        if (minimum > store.Limits.MaxTableElements || minimum > (uint)Array.MaxLength)
        {
            throw new ResourceLimitException(nameof(StoreLimits.MaxTableElements), minimum, Math.Min(store.Limits.MaxTableElements, Array.MaxLength));
        }

        ElementKind = elementKind;
        Maximum = maximum;
        _minimum = minimum;
        if (elementKind == ValueKind.FuncRef)
        {
            Functions = new Function?[minimum];
        }
        else
        {
            Objects = new object?[minimum];
        }
    }

    /// <inheritdoc/>
    public override ExternKind ExternKind => ExternKind.Table;

    /// <summary>What it holds.</summary>
    public ValueKind ElementKind { get; }

    /// <summary>How many elements it has, now.</summary>
    public uint Length => (uint)(ElementKind == ValueKind.FuncRef ? Functions.Length : Objects.Length);

    /// <summary>How many it may ever have, or null.</summary>
    public uint? Maximum { get; }

    /// <summary>Whether anything was written since the last <see cref="Reset"/>; whoever takes stock may set it back.</summary>
    internal bool IsChanged { get; set; }

    internal TableType Type => new(ElementKind, new Limits(Length, Maximum));

    /// <summary>One element.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not below <see cref="Length"/>.</exception>
    /// <exception cref="ArgumentException">Set to a value of another type.</exception>
    public WasmValue this[uint index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Length);
            return new WasmValue(ElementKind, default, Get(index));
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Length);
            if (value.Kind != ElementKind)
            {
                throw new ArgumentException($"A value of type {value.Kind} cannot be stored in a table of {ElementKind}.", nameof(value));
            }

            Set(index, value.Reference);
        }
    }

    /// <summary>Adds elements.</summary>
    /// <returns>False, and nothing changed, where the maximum or the store's limit forbids it.</returns>
    /// <exception cref="ArgumentException">The value is of another type.</exception>
    public bool TryGrow(uint delta, WasmValue value, out uint old)
    {
        if (value.Kind != ElementKind)
        {
            throw new ArgumentException($"A value of type {value.Kind} cannot be stored in a table of {ElementKind}.", nameof(value));
        }

        return TryGrow(delta, value.Reference, out old);
    }

    internal object? Get(uint index) => ElementKind == ValueKind.FuncRef ? Functions[index] ?? Resolve(index) : Objects[index];

    internal void Set(uint index, object? value)
    {
        IsChanged = true;
        if (ElementKind == ValueKind.FuncRef)
        {
            Functions[index] = (Function?)value;
            if (_lazy is { } lazy)
            {
                lazy[index] = 0;
            }
        }
        else
        {
            Objects[index] = value;
        }
    }

    /// <summary>Makes the function that a segment put at an empty place; null where none did.</summary>
    internal Function? Resolve(uint index)
    {
        if (_lazy is not { } lazy || lazy[index] == 0)
        {
            return null;
        }

        var function = _lazyOwner!.Instance.FunctionAt(lazy[index] - 1);
        lazy[index] = 0;
        Functions[index] = function;
        return function;
    }

    /// <summary>Puts functions of an instance into the table; the range has been checked.</summary>
    internal void SetFunctions(uint at, ReadOnlySpan<int> functions, InstanceContext owner)
    {
        IsChanged = true;
        if (_lazyOwner is null || _lazyOwner == owner)
        {
            _lazyOwner = owner;
            _lazy ??= new int[Functions.Length];
            Array.Clear(Functions, (int)at, functions.Length);
            for (var i = 0; i < functions.Length; i++)
            {
                _lazy[at + i] = functions[i] + 1;
            }

            return;
        }

        for (var i = 0; i < functions.Length; i++)
        {
            Set((uint)(at + i), functions[i] < 0 ? null : owner.Instance.FunctionAt(functions[i]));
        }
    }

    /// <summary>Goes back to null references, as many as there were at first.</summary>
    internal void Reset()
    {
        Clear(ref Functions, ElementKind == ValueKind.FuncRef ? _minimum : 0);
        Clear(ref Objects, ElementKind == ValueKind.FuncRef ? 0 : _minimum);
        _lazy = null;
        _lazyOwner = null;

        static void Clear<T>(ref T[] elements, uint length)
        {
            if (elements.Length == length)
            {
                Array.Clear(elements);
            }
            else
            {
                elements = new T[length];
            }
        }
    }

    internal bool TryGrow(uint delta, object? value, out uint old)
    {
        old = Length;
        var wanted = (ulong)old + delta;
        if (wanted > (Maximum ?? uint.MaxValue))
        {
            return false;
        }

        if (wanted > (ulong)Store.Limits.MaxTableElements || wanted > (ulong)Array.MaxLength)
        {
            Store.TableLimitReached = true;
            return false;
        }

        IsChanged = true;
        if (ElementKind == ValueKind.FuncRef)
        {
            Array.Resize(ref Functions, (int)wanted);
            Array.Fill(Functions, (Function?)value, (int)old, (int)delta);
            if (_lazy is not null)
            {
                Array.Resize(ref _lazy, (int)wanted);
            }
        }
        else
        {
            Array.Resize(ref Objects, (int)wanted);
            Array.Fill(Objects, value, (int)old, (int)delta);
        }

        return true;
    }
}
