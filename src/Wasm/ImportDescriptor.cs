namespace HeliosEdge.Wasm;

/// <summary>One import that a module asks for.</summary>
/// <param name="Module">The first of its two names.</param>
/// <param name="Name">The second of its two names.</param>
/// <param name="Kind">What is imported.</param>
/// <param name="FunctionType">The type, where a function is imported, else null.</param>
/// <param name="Type">The type as text: <c>(i32) -&gt; ()</c>, <c>memory 1..2</c>, <c>table 10.. funcref</c>, <c>global mut i32</c>.</param>
public sealed record ImportDescriptor(string Module, string Name, ExternKind Kind, FunctionType? FunctionType, string Type);
