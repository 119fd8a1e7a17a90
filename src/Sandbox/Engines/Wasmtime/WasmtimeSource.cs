using HeliosEdge.Sandbox.Engines.Inspection;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>A module that the library found valid, in the form in which it compiles it.</summary>
/// <param name="Outline">What a host needs to know of the module.</param>
/// <param name="Code">The bytes for the library.</param>
/// <param name="RefusalsExport">The export that <see cref="GrowthWitness"/> added, if any.</param>
internal sealed unsafe record WasmtimeSource(ModuleOutline Outline, byte[] Code, string? RefusalsExport) // SAFETY: the library reads the bytes during the call alone.
{
    /// <summary><see cref="Code"/>, where traps cannot be told apart without it.</summary>
    public byte[]? CodeForTraps => Outline.Tables == 0 ? null : Code;

    /// <summary>Validates a module, and makes it remember refused growths of its memory.</summary>
    /// <param name="api">The library.</param>
    /// <param name="engine">An engine with the features that modules may use.</param>
    /// <param name="wasm">The module.</param>
    /// <param name="maxBytes">The largest module.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidModule"/>.</exception>
    public static WasmtimeSource Of(WasmtimeApi api, EngineHandle engine, ReadOnlySpan<byte> wasm, int maxBytes)
    {
        if (wasm.Length > maxBytes)
        {
            throw new SandboxException(ErrorCodes.InvalidModule, $"The module is not accepted: it has {wasm.Length} bytes, the limit is {maxBytes}.");
        }

        fixed (byte* bytes = wasm)
        {
            var error = api.ModuleValidate(engine.Native, bytes, (nuint)wasm.Length);
            if (error != 0)
            {
                throw InvalidModule.Refused(api.TakeError(error));
            }
        }

        var outline = ModuleInspector.Read(wasm);
        var code = GrowthWitness.Add(wasm, outline, out var refusals);
        return new WasmtimeSource(outline, code.ToArray(), refusals);
    }
}
