namespace HeliosEdge.Client;

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

    /// <summary>A preset of capabilities: <c>minimal</c>, <c>compute</c>, <c>database_only</c> or <c>edge</c>; null for the usual one of the ABI.</summary>
    public string? Profile { get; init; }

    /// <summary>Capabilities beyond the preset's, such as <c>kv.read</c>; null for none.</summary>
    public IReadOnlyList<string>? Capabilities { get; init; }

    /// <summary>Environment variables of the guest; null for none. Names have no <c>=</c>.</summary>
    public IReadOnlyDictionary<string, string>? Env { get; init; }

    /// <summary>Arguments of a command, after its own name; null for none.</summary>
    public IReadOnlyList<string>? Args { get; init; }

    /// <summary>What a plug-in asks its host for by name; null for nothing.</summary>
    public IReadOnlyDictionary<string, string>? Config { get; init; }

    /// <summary>Hosts that the guest's requests may reach, such as <c>api.example.com</c>, <c>*.example.com</c> or <c>api.example.com:8443</c>; null for none.</summary>
    public IReadOnlyList<string>? AllowedHosts { get; init; }

    /// <summary>Uploaded bundles of read-only files: the hash of each by the folder where the guest sees it; null for none.</summary>
    public IReadOnlyDictionary<string, string>? Bundles { get; init; }

    /// <summary>How often an asynchronous invocation is tried, from 1 to 100; null for 5.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>What runs the function, <c>wasmtime</c> or <c>managed</c>, where the silo's operator allows it; null for the silo's default.</summary>
    public string? Engine { get; init; }
}
