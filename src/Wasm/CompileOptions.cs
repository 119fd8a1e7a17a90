namespace HeliosEdge.Wasm;

/// <summary>Choices that are fixed when a module is compiled.</summary>
public sealed record CompileOptions
{
    /// <summary>
    /// Check for the store's deadline and for <see cref="Store.Interrupt"/> at every function entry and loop header.
    /// Default true; a module compiled without cannot be stopped.
    /// </summary>
    public bool Interruptible { get; init; } = true;

    /// <summary>Count instructions against <see cref="Store.Fuel"/>. Default false.</summary>
    public bool MeterFuel { get; init; }

    /// <summary>What a module may ask of the compiler.</summary>
    public ModuleLimits Limits { get; init; } = new();
}
