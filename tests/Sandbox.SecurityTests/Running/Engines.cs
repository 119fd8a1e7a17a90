using HeliosEdge.Silo.Hosting;

namespace HeliosEdge.Sandbox.SecurityTests.Running;

/// <summary>The silo on the engine of this repository.</summary>
public sealed class ManagedSilo() : HostileSilo(EngineKind.Managed);

/// <summary>The silo on libwasmtime.</summary>
public sealed class WasmtimeSilo() : HostileSilo(EngineKind.Wasmtime);
