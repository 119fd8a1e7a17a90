using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Functions;

/// <summary>What somebody wants a function to be; nothing of it is checked yet.</summary>
/// <param name="Module">The hash of an uploaded module.</param>
/// <param name="Abi">The guest ABI.</param>
/// <param name="Entry">The export to call.</param>
/// <param name="Regions">The regions; none means all.</param>
/// <param name="Limits">The limits.</param>
public sealed record FunctionRequest(string Module, string Abi, string Entry, IReadOnlyList<string> Regions, RequestedLimits Limits);
