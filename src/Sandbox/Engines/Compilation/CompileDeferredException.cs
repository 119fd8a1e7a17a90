namespace HeliosEdge.Sandbox.Engines.Compilation;

/// <summary>A compilation makes way for others and is begun again later; nothing of it is kept.</summary>
internal sealed class CompileDeferredException() : Exception("The compilation makes way for others.");
