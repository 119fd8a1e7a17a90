namespace HeliosEdge.Sandbox.Engines;

/// <summary>One export that a module offers.</summary>
/// <param name="Name">Its name, unique in the module.</param>
/// <param name="Kind">What is exported.</param>
/// <param name="Type">
/// Its type as text, the same for every engine: functions <c>(i32, i32) -> (i64)</c>, memories <c>memory 1..2</c> in pages
/// (<c>memory 1..</c> without maximum), tables <c>table 10.. funcref</c>, globals <c>global mut i32</c>.
/// </param>
public sealed record ModuleExport(string Name, ExternalKind Kind, string Type);
