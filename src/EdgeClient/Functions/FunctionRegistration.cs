namespace HeliosEdge.EdgeClient;

/// <summary>What a function is to be: which export of which module, where, within which limits.</summary>
public sealed record FunctionRegistration
{
    /// <summary>The hash of an uploaded module, as in <see cref="ModuleInfo.Hash"/>.</summary>
    public required string Module { get; init; }

    /// <summary>How the silo talks to the guest.</summary>
    public string Abi { get; init; } = "helios-1";

    /// <summary>The name of the exported function that handles a payload.</summary>
    public string Entry { get; init; } = "handle";

    /// <summary>The regions that serve the function; null or empty means all regions of the silo.</summary>
    public IReadOnlyList<string>? Regions { get; init; }

    /// <summary>Limits of each invocation; null leaves all of them to the silo's defaults.</summary>
    public FunctionLimits? Limits { get; init; }
}
