namespace HeliosEdge.Wasm.Tests.Spec;

/// <summary>A theory that needs the suite's folder; skipped with its place in the message where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SpecTheoryAttribute : TheoryAttribute
{
    public SpecTheoryAttribute()
    {
        if (!SpecFolder.Exists)
        {
            Skip = SpecFolder.Missing;
        }
    }
}
