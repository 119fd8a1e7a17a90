namespace HeliosEdge.Sandbox.SecurityTests.Running;

/// <summary>A fact about libwasmtime; left out, with the reason, where there is none.</summary>
internal sealed class WasmtimeFactAttribute : FactAttribute
{
    public WasmtimeFactAttribute() => Skip = Libwasmtime.WhySkipped;
}
