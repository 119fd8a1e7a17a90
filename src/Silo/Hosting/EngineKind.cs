namespace HeliosEdge.Silo.Hosting;

/// <summary>Which engine the silo is to run guests on.</summary>
internal enum EngineKind
{
    /// <summary>libwasmtime where it is found in a supported version, else the managed engine.</summary>
    Auto,

    /// <summary>The engine of this repository.</summary>
    Managed,

    /// <summary>libwasmtime; the silo does not start without.</summary>
    Wasmtime,
}
