namespace HeliosEdge.Sandbox.Tests.Engines.Wasmtime.Suite;

/// <summary>A fact about the suite; left out, with the reason, where the suite or libwasmtime is absent.</summary>
internal sealed class SuiteFactAttribute : FactAttribute
{
    public SuiteFactAttribute() => Skip = SuiteFolder.WhySkipped;
}
