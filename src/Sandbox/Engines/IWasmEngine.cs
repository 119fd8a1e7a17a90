namespace HeliosEdge.Sandbox.Engines;

/// <summary>
/// A WebAssembly engine. Everything above this port is engine-neutral: types are texts, values are machine integers,
/// and a guest's misfortune is a <see cref="GuestTrapException"/> whichever engine ran it.
/// </summary>
public interface IWasmEngine
{
    /// <summary>The engine's name, such as <c>managed</c>.</summary>
    string Name { get; }

    /// <summary>The engine's version; compiled code of another version is never reused.</summary>
    string Version { get; }

    /// <summary>Decodes, validates and compiles a module. Safe to call from several threads.</summary>
    /// <param name="wasm">The module.</param>
    /// <param name="metered">Whether its instances can be given <see cref="InstanceLimits.Fuel"/>; such code is slower.</param>
    /// <param name="turn">
    /// Bounds what the compilation costs and lets it make way for others; all machine code is then made before this returns. Null where
    /// neither is wanted: of a module that is trusted, and used only once.
    /// </param>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.InvalidModule"/> with the offset of the first offending byte, <see cref="ErrorCodes.CompileLimitExceeded"/> or
    /// <see cref="ErrorCodes.CompileFailed"/>.
    /// </exception>
    ICompiledModule Compile(ReadOnlySpan<byte> wasm, bool metered = false, CompileTurn? turn = null);

    /// <summary>What modules take that were disposed and are not unloaded yet; nothing for an engine that unloads at once.</summary>
    ModuleFootprint Lingering => default;

    /// <summary>Has modules unloaded that were disposed.</summary>
    /// <param name="now">Whether to wait for it, however long that holds others up.</param>
    void Reclaim(bool now)
    {
    }

    /// <summary>Forgets code that is kept on disk of modules that are gone; nothing for an engine that keeps none.</summary>
    /// <param name="modules">The modules that are not gone, each by its SHA-256 in hexadecimal.</param>
    /// <param name="before">What was used later stays, whatever it is of.</param>
    void KeepCode(IReadOnlyCollection<string> modules, DateTimeOffset before)
    {
    }
}
