using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>Turns the library's traps into the port's, in the specification's words.</summary>
internal static unsafe class WasmtimeTrap // SAFETY: a trap is taken from a caller who gives it up, and is read before it is given back.
{
    private const string HeapFull = "GC heap out of memory";
    private const byte StackOverflow = 0;
    private const byte TableOutOfBounds = 3;
    private const byte Interrupt = 10;
    private const byte OutOfFuel = 11;
    private const byte CallIndirect = 0x11;
    private const byte ReturnCallIndirect = 0x13;

    /// <summary>An exception that the guest threw and did not catch: the one trap that has no code of the library's in a module.</summary>
    private const byte UncaughtException = 49;

    /// <summary>The exception for a trap; the trap is gone afterwards.</summary>
    public static GuestTrapException Take(WasmtimeApi api, nint trap, WasmtimeModule module, long? fuel)
    {
        // SAFETY: the trap is the caller's, who gives it up; the frames are read before they are given back.
        byte code;
        if (api.TrapCode(trap, &code) == 0)
        {
            code = UncaughtException;
        }

        PointerVector frames = default;
        api.TrapTrace(trap, &frames);
        var offset = frames.Size > 0 ? (long)api.FrameModuleOffset(frames.Data[0]) : -1;
        var names = TakeNames(api, &frames, module);
        api.TrapDelete(trap);
        var kind = code switch
        {
            StackOverflow => GuestTrap.StackExhausted,
            Interrupt => GuestTrap.Interrupted,
            OutOfFuel => GuestTrap.OutOfFuel,
            _ => GuestTrap.Fault,
        };
        return new GuestTrapException(kind, Describe(code, module, offset), names) { Limit = kind == GuestTrap.OutOfFuel ? fuel : null };
    }

    /// <summary>The exception for the error with which <see cref="WasmtimeInstance"/> ended its guest; the error is gone afterwards.</summary>
    public static GuestTrapException TakeInterruption(WasmtimeApi api, nint error, WasmtimeModule module)
    {
        var names = TakeNames(api, error, module);
        api.ErrorDelete(error);
        return new GuestTrapException(GuestTrap.Interrupted, "interrupted", names);
    }

    /// <summary>Whether an error says that the guest's heap of objects was not let grow and nothing in it could be freed.</summary>
    public static bool IsHeapFull(WasmtimeApi api, nint error) => api.TextOf(error).Contains(HeapFull, StringComparison.Ordinal);

    /// <summary>The exception for such an error; the error is gone afterwards.</summary>
    public static GuestTrapException TakeHeapFull(WasmtimeApi api, nint error, WasmtimeModule module)
    {
        var names = TakeNames(api, error, module);
        api.ErrorDelete(error);
        return new GuestTrapException(GuestTrap.Fault, "out of memory for objects", names);
    }

    private static ImmutableArray<string> TakeNames(WasmtimeApi api, nint error, WasmtimeModule module)
    {
        PointerVector frames = default;
        api.ErrorTrace(error, &frames);
        return TakeNames(api, &frames, module);
    }

    private static ImmutableArray<string> TakeNames(WasmtimeApi api, PointerVector* frames, WasmtimeModule module)
    {
        var names = ImmutableArray.CreateBuilder<string>((int)frames->Size);
        for (nuint i = 0; i < frames->Size; i++)
        {
            var function = (int)api.FrameFuncIndex(frames->Data[i]);
            if (function < module.Outline.Functions)
            {
                names.Add(module.Outline.FunctionNames.TryGetValue(function, out var name) ? name : $"func[{function}]");
            }
        }

        api.FramesDelete(frames);
        return names.ToImmutable();
    }

    private static string Describe(byte code, WasmtimeModule module, long offset) => code switch
    {
        StackOverflow => "call stack exhausted",
        1 => "out of bounds memory access",

        // The library has one code for a call through a table that is too short and for every other access to one.
        TableOutOfBounds => offset >= 0 && offset < (module.Code?.Length ?? 0) && module.Code![offset] is CallIndirect or ReturnCallIndirect
            ? "undefined element"
            : "out of bounds table access",
        4 => "uninitialized element",
        5 => "indirect call type mismatch",
        6 => "integer overflow",
        7 => "integer divide by zero",
        8 => "invalid conversion to integer",
        9 => "unreachable",
        13 => "null reference",
        14 => "out of bounds array access",
        15 => "allocation size too large",
        16 => "cast failure",
        UncaughtException => "uncaught exception",
        Interrupt => "interrupted",
        OutOfFuel => "out of fuel",
        _ => $"trap {code}",
    };
}
