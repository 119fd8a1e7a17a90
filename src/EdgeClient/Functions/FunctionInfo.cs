namespace HeliosEdge.EdgeClient;

/// <summary>A function that is registered on a silo.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Module">The hash of its module, as in <see cref="ModuleInfo.Hash"/>.</param>
/// <param name="Abi">How the silo talks to the guest, such as <c>helios-1</c>.</param>
/// <param name="Entry">The exported function that handles a payload.</param>
/// <param name="Regions">The regions that serve it.</param>
/// <param name="Limits">The limits in force for each invocation.</param>
public sealed record FunctionInfo(
    string Name,
    string Module,
    string Abi,
    string Entry,
    IReadOnlyList<string> Regions,
    FunctionLimits Limits);
