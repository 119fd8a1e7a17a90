namespace HeliosEdge.Wasm.Tests.Spec;

/// <summary>A fact that needs the suite's folder; skipped with its place in the message where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SpecFactAttribute : FactAttribute
{
    public SpecFactAttribute()
    {
        if (!SpecFolder.Exists)
        {
            Skip = SpecFolder.Missing;
        }
    }
}
