namespace HeliosEdge.Client;

/// <summary>A module that a silo holds.</summary>
/// <param name="Hash">SHA-256 of the module's bytes, 64 lower-case hexadecimal digits; what a registration refers to.</param>
/// <param name="Size">The module's size in bytes.</param>
/// <param name="Exports">What the module exports, in the module's order.</param>
/// <param name="Imports">What the module needs from its host, in the module's order.</param>
public sealed record ModuleInfo(
    string Hash,
    long Size,
    IReadOnlyList<ModuleExport> Exports,
    IReadOnlyList<ModuleImport> Imports);

/// <summary>One export of a module (core spec 2.5.10).</summary>
/// <param name="Name">The export's name.</param>
/// <param name="Kind"><c>function</c>, <c>table</c>, <c>memory</c> or <c>global</c>.</param>
/// <param name="Type">Its type, such as <c>(i32, i32) -&gt; (i64)</c> or <c>memory 2..16</c>; null where the silo states none.</param>
public sealed record ModuleExport(string Name, string Kind, string? Type = null);

/// <summary>One import of a module (core spec 2.5.11).</summary>
/// <param name="Module">The name of the module it is imported from.</param>
/// <param name="Name">The name within that module.</param>
/// <param name="Kind"><c>function</c>, <c>table</c>, <c>memory</c> or <c>global</c>.</param>
/// <param name="Type">Its type, such as <c>(i32, i32) -&gt; (i64)</c> or <c>memory 2..16</c>; null where the silo states none.</param>
public sealed record ModuleImport(string Module, string Name, string Kind, string? Type = null);
