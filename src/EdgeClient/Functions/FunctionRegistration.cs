namespace HeliosEdge.EdgeClient;

/// <summary>What a function is to be: which export of which module, where, within which limits.</summary>
public sealed record FunctionRegistration
{
    /// <summary>The hash of an uploaded module, as in <see cref="ModuleInfo.Hash"/>.</summary>
    public required string Module { get; init; }

    /// <summary>How the silo talks to the guest, such as <c>helios-1</c>, <c>wasi</c> or <c>extism</c>; null lets the silo tell from the module.</summary>
    public string? Abi { get; init; }

    /// <summary>The name of the exported function that handles a payload; null for the usual one of the ABI.</summary>
    public string? Entry { get; init; }

    /// <summary>The regions that serve the function; null or empty means all regions of the silo.</summary>
    public IReadOnlyList<string>? Regions { get; init; }

    /// <summary>Limits of each invocation; null leaves all of them to the silo's defaults.</summary>
    public FunctionLimits? Limits { get; init; }
}
