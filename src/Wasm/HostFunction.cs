namespace HeliosEdge.Wasm;

/// <summary>A host function whose type is known only at run time.</summary>
/// <param name="caller">The instance that imported the function.</param>
/// <param name="arguments">One value for each parameter.</param>
/// <param name="results">One value for each result, to be set; they start as zero or null.</param>
public delegate void HostFunction(Caller caller, ReadOnlySpan<WasmValue> arguments, Span<WasmValue> results);
