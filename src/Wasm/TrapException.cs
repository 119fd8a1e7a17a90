using System.Collections.Immutable;
using System.Diagnostics;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm;

/// <summary>A guest trapped (core spec 4.2.1). The store stays usable; what the guest wrote before the trap stays written.</summary>
public sealed class TrapException : Exception
{
    private const int MaxFrames = 64;

    // The names of the frames are in the store's modules, which nothing else may hold any longer.
    private readonly Store? _store;
    private ImmutableArray<GuestFrame> _backtrace;

    internal TrapException(TrapCode code, Exception? cause = null, Store? store = null)
        : base(Describe(code), cause)
    {
        Code = code;
        _store = store;
    }

    /// <summary>Why the guest was stopped.</summary>
    public TrapCode Code { get; }

    /// <summary>The guest's calls, innermost first; at most 64 of them.</summary>
    /// <remarks>Computed at the first look: a trap that nobody looks at costs no walk of the stack.</remarks>
    public ImmutableArray<GuestFrame> Backtrace => _backtrace.IsDefault ? _backtrace = Walk() : _backtrace;

    private ImmutableArray<GuestFrame> Walk()
    {
        // The cause saw the frames up to the innermost call into the engine, this exception those further out.
        var frames = ImmutableArray.CreateBuilder<GuestFrame>();
        foreach (var exception in (ReadOnlySpan<Exception?>)[InnerException, this])
        {
            if (exception is null)
            {
                continue;
            }

            foreach (var frame in new StackTrace(exception, fNeedFileInfo: false).GetFrames())
            {
                var method = frame.GetMethod();
                if (frames.Count < MaxFrames && GuestLoadContext.ModuleOf(method)?.FrameOf(method!) is { } guest)
                {
                    frames.Add(guest);
                }
            }
        }

        GC.KeepAlive(_store);
        return frames.ToImmutable();
    }

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
