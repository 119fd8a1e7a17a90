namespace HeliosEdge.Sandbox.Engines;

/// <summary>One import that a module asks for.</summary>
/// <param name="Module">The first of its two names.</param>
/// <param name="Name">The second of its two names.</param>
/// <param name="Kind">What is imported.</param>
/// <param name="Type">Its type as text; see <see cref="ModuleExport.Type"/>.</param>
public sealed record ModuleImport(string Module, string Name, ExternalKind Kind, string Type);
