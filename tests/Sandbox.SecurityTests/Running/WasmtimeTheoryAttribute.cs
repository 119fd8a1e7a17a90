namespace HeliosEdge.Sandbox.SecurityTests.Running;

/// <summary>A theory about libwasmtime; left out, with the reason, where there is none.</summary>
internal sealed class WasmtimeTheoryAttribute : TheoryAttribute
{
    public WasmtimeTheoryAttribute() => Skip = Libwasmtime.WhySkipped;
}
