namespace HeliosEdge.Wasm;

/// <summary>One export that a module offers.</summary>
/// <param name="Name">Its name, unique in the module.</param>
/// <param name="Kind">What is exported.</param>
/// <param name="FunctionType">The type, where a function is exported, else null.</param>
/// <param name="Type">The type as text, as in <see cref="ImportDescriptor.Type"/>.</param>
public sealed record ExportDescriptor(string Name, ExternKind Kind, FunctionType? FunctionType, string Type);
