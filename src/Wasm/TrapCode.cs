namespace HeliosEdge.Wasm;

/// <summary>Why a guest was stopped.</summary>
public enum TrapCode
{
    /// <summary>The <c>unreachable</c> instruction ran.</summary>
    Unreachable,

    /// <summary>A load, store or bulk operation left linear memory.</summary>
    MemoryOutOfBounds,

    /// <summary>A table instruction left its table.</summary>
    TableOutOfBounds,

    /// <summary><c>call_indirect</c> past the end of its table.</summary>
    UndefinedElement,

    /// <summary><c>call_indirect</c> through a null entry.</summary>
    UninitializedElement,

    /// <summary><c>call_indirect</c> to a function of another type.</summary>
    IndirectCallTypeMismatch,

    /// <summary>Integer division or remainder by zero.</summary>
    IntegerDivideByZero,

    /// <summary>The result of a division or a truncation does not fit.</summary>
    IntegerOverflow,

    /// <summary>Truncation of a NaN.</summary>
    InvalidConversionToInteger,

    /// <summary>Calls went deeper than the store's stack limit.</summary>
    StackExhausted,

    /// <summary>The store's deadline passed, or <see cref="Store.Interrupt"/> was called.</summary>
    Interrupted,

    /// <summary>The store's fuel ran out.</summary>
    OutOfFuel,
}
