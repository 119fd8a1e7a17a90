using System.Collections.Immutable;
using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>Turns the library's traps into the port's, in the specification's words.</summary>
internal static unsafe class WasmtimeTrap // SAFETY: a trap is taken from a caller who gives it up, and is read before it is given back.
{
    private const byte StackOverflow = 0;
    private const byte TableOutOfBounds = 3;
    private const byte Interrupt = 10;
    private const byte OutOfFuel = 11;
    private const byte CallIndirect = 0x11;

    /// <summary>The exception for a trap; the trap is gone afterwards.</summary>
    public static GuestTrapException Take(WasmtimeApi api, nint trap, WasmtimeModule module, long? fuel)
    {
        // SAFETY: the trap is the caller's, who gives it up; the frames are read before they are given back.
        byte code;
        if (api.TrapCode(trap, &code) == 0)
        {
            ByteVector message = default;
            api.TrapMessage(trap, &message);
            var text = System.Text.Encoding.UTF8.GetString(message.Data, checked((int)message.Size));
            api.BytesDelete(&message);
            api.TrapDelete(trap);
            throw new InvalidOperationException($"libwasmtime reports a trap without a code: {text.TrimEnd('\0')}");
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
        PointerVector frames = default;
        api.ErrorTrace(error, &frames);
        var names = TakeNames(api, &frames, module);
        api.ErrorDelete(error);
        return new GuestTrapException(GuestTrap.Interrupted, "interrupted", names);
    }

    private static ImmutableArray<string> TakeNames(WasmtimeApi api, PointerVector* frames, WasmtimeModule module)
    {
        var names = ImmutableArray.CreateBuilder<string>((int)frames->Size);
        for (nuint i = 0; i < frames->Size; i++)
        {
            var function = (int)api.FrameFuncIndex(frames->Data[i]);
            if (function < module.Definition.Functions.Count)
            {
                names.Add(new GuestFrame(function, module.Definition.NameOf(function)).ToString());
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
        TableOutOfBounds => offset >= 0 && offset < (module.Code?.Length ?? 0) && module.Code![offset] == CallIndirect
            ? "undefined element"
            : "out of bounds table access",
        4 => "uninitialized element",
        5 => "indirect call type mismatch",
        6 => "integer overflow",
        7 => "integer divide by zero",
        8 => "invalid conversion to integer",
        9 => "unreachable",
        Interrupt => "interrupted",
        OutOfFuel => "out of fuel",
        _ => $"trap {code}",
    };
}
