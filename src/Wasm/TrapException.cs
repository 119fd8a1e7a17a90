using System.Collections.Immutable;

namespace HeliosEdge.Wasm;

/// <summary>One guest function that was running when a trap happened.</summary>
/// <param name="FunctionIndex">The function's index in its module, imports included.</param>
/// <param name="FunctionName">Its name from the name section, else from an export, else null.</param>
public readonly record struct GuestFrame(int FunctionIndex, string? FunctionName)
{
    /// <summary><c>name</c> or <c>func[12]</c>.</summary>
    public override string ToString() => FunctionName ?? $"func[{FunctionIndex}]";
}

/// <summary>A guest trapped (core spec 4.2.1). The store stays usable; what the guest wrote before the trap stays written.</summary>
public sealed class TrapException : Exception
{
    internal TrapException(TrapCode code, Exception? cause = null)
        : base(Describe(code), cause)
    {
        Code = code;
    }

    /// <summary>Why the guest was stopped.</summary>
    public TrapCode Code { get; }

    /// <summary>The guest's calls, innermost first; at most 64 of them.</summary>
    public ImmutableArray<GuestFrame> Backtrace { get; internal set; } = [];

    private static string Describe(TrapCode code) => code switch
    {
        TrapCode.Unreachable => "unreachable",
        TrapCode.MemoryOutOfBounds => "out of bounds memory access",
        TrapCode.TableOutOfBounds => "out of bounds table access",
        TrapCode.UndefinedElement => "undefined element",
        TrapCode.UninitializedElement => "uninitialized element",
        TrapCode.IndirectCallTypeMismatch => "indirect call type mismatch",
        TrapCode.IntegerDivideByZero => "integer divide by zero",
        TrapCode.IntegerOverflow => "integer overflow",
        TrapCode.InvalidConversionToInteger => "invalid conversion to integer",
        TrapCode.StackExhausted => "call stack exhausted",
        TrapCode.Interrupted => "interrupted",
        TrapCode.OutOfFuel => "out of fuel",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, null),
    };
}
