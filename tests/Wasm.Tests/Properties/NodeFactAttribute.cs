namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>A fact that needs Node.js; skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, "node"))))
        {
            Skip = "Node.js (node) is not on PATH: generated functions are compared with libwasmtime alone.";
        }
    }
}
