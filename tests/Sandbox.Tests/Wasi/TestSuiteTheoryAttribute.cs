using HeliosEdge.Sandbox.Tests.Engines.Wasmtime;

namespace HeliosEdge.Sandbox.Tests.Wasi;

/// <summary>A theory about the official test suite; left out, with the reason, where there is none, or no libwasmtime if it is about that.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TestSuiteTheoryAttribute : TheoryAttribute
{
    private bool _onWasmtime;

    public TestSuiteTheoryAttribute() => Skip = TestSuite.WhySkipped;

    /// <summary>Whether the programs run on libwasmtime.</summary>
    public bool OnWasmtime
    {
        get => _onWasmtime;
        set
        {
            _onWasmtime = value;
            Skip = TestSuite.WhySkipped ?? (value ? Libwasmtime.WhySkipped : null);
        }
    }
}
