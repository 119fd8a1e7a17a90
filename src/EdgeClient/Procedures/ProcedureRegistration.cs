namespace HeliosEdge.Client;

/// <summary>What a procedure is to be: a function each of whose calls is one transaction. Either <see cref="Module"/> or <see cref="Function"/> says what it runs.</summary>
public sealed record ProcedureRegistration
{
    /// <summary>The hash of an uploaded module, as in <see cref="ModuleInfo.Hash"/>.</summary>
    public string? Module { get; init; }

    /// <summary>A registered function whose module, ABI and entry are taken.</summary>
    public string? Function { get; init; }

    /// <summary>How the silo talks to the guest, such as <c>helios-1</c>; null lets the silo tell from the module.</summary>
    public string? Abi { get; init; }

    /// <summary>The name of the exported function that handles a payload; null for the usual one of the ABI.</summary>
    public string? Entry { get; init; }

    /// <summary>The database in which each call is a transaction; null for <c>main</c>.</summary>
    public string? Database { get; init; }

    /// <summary><c>read_only</c> or <c>read_write</c>; null for <c>read_write</c>.</summary>
    public string? Mode { get; init; }

    /// <summary><c>default</c>, <c>read_committed</c>, <c>repeatable_read</c> or <c>serializable</c>; null for <c>default</c>.</summary>
    public string? Isolation { get; init; }

    /// <summary>How often it is run again after a conflict with other transactions; null for 5.</summary>
    public int? Retries { get; init; }

    /// <summary>What makes it a function of SQL as well; null if it is none.</summary>
    public SqlFunction? Sql { get; init; }

    /// <summary>The regions that serve it; null or empty means all regions of the silo.</summary>
    public IReadOnlyList<string>? Regions { get; init; }

    /// <summary>Limits of each call; null leaves all of them to the silo's defaults.</summary>
    public FunctionLimits? Limits { get; init; }

    /// <summary>A preset of capabilities; null for <c>database_only</c>.</summary>
    public string? Profile { get; init; }

    /// <summary>Capabilities beyond the preset's; null for none.</summary>
    public IReadOnlyList<string>? Capabilities { get; init; }

    /// <summary>Environment variables of the guest; null for none.</summary>
    public IReadOnlyDictionary<string, string>? Env { get; init; }

    /// <summary>What runs it, <c>wasmtime</c> or <c>managed</c>, where the silo's operator allows it; null for the silo's default.</summary>
    public string? Engine { get; init; }
}
