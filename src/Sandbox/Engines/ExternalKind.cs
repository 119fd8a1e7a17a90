namespace HeliosEdge.Sandbox.Engines;

/// <summary>What an import or export is (core spec 2.5.10, 2.5.11).</summary>
public enum ExternalKind
{
    /// <summary>A function.</summary>
    Function,

    /// <summary>A table of references.</summary>
    Table,

    /// <summary>A linear memory.</summary>
    Memory,

    /// <summary>A global variable.</summary>
    Global,

    /// <summary>A tag of exceptions (WebAssembly 3.0).</summary>
    Tag,
}
