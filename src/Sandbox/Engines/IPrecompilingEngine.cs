namespace HeliosEdge.Sandbox.Engines;

/// <summary>An engine whose compiled code can be kept as bytes and loaded again without compiling.</summary>
public interface IPrecompilingEngine : IWasmEngine
{
    /// <summary>Names the engine and its exact build; code goes with this identity, the runtime's version and the processor's features.</summary>
    string CodeIdentity { get; }

    /// <summary>Compiles a module into bytes for <see cref="Load"/>.</summary>
    /// <exception cref="SandboxException">As <see cref="IWasmEngine.Compile"/>.</exception>
    byte[] Precompile(ReadOnlySpan<byte> wasm, bool metered = false, CompileTurn? turn = null);

    /// <summary>Makes a module of what <see cref="Precompile"/> gave for the same arguments. The bytes must be trusted: they are code of this process.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidModule"/>: <paramref name="wasm"/> does not decode.</exception>
    /// <exception cref="InvalidDataException"><paramref name="precompiled"/> has not this form.</exception>
    ICompiledModule Load(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> precompiled, bool metered = false, CompileTurn? turn = null);
}
