namespace HeliosEdge.Silo.Hosting;

/// <summary>Which engine the silo is to run guests on.</summary>
internal enum EngineKind
{
    /// <summary>libwasmtime.</summary>
    Wasmtime,

    /// <summary>The engine of this repository, for machines that allow nothing native.</summary>
    Managed,
}
