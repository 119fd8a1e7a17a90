using HeliosEdge.Grains.Procedures;
using HeliosEdge.Sandbox.Engines.Compilation;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Functions;

/// <summary>What somebody wants a function to be; nothing of it is checked yet.</summary>
/// <param name="Module">The hash of an uploaded module.</param>
/// <param name="Abi">The guest ABI; null for the one that the module is made for.</param>
/// <param name="Entry">The export to call; null for the one that the ABI usually calls.</param>
/// <param name="Regions">The regions; none means all.</param>
/// <param name="Limits">The limits.</param>
/// <param name="Profile">A preset of capabilities; null for the usual one of the ABI.</param>
/// <param name="Capabilities">Capabilities beyond the preset's; null for none.</param>
/// <param name="Env">Environment variables; null for none.</param>
/// <param name="Args">Arguments of a command; null for none.</param>
/// <param name="Config">Configuration of a plug-in; null for none.</param>
/// <param name="AllowedHosts">Hosts that outbound HTTP may reach; null for none.</param>
/// <param name="Bundles">Bundles of files by the folder where the guest sees them; null for none.</param>
/// <param name="MaxAttempts">How often an asynchronous invocation is tried; null for the default.</param>
/// <param name="Engine">The engine that runs it; null for the silo's default.</param>
public sealed record FunctionRequest(
    string Module,
    string? Abi,
    string? Entry,
    IReadOnlyList<string> Regions,
    RequestedLimits Limits,
    string? Profile = null,
    IReadOnlyList<string>? Capabilities = null,
    IReadOnlyDictionary<string, string>? Env = null,
    IReadOnlyList<string>? Args = null,
    IReadOnlyDictionary<string, string>? Config = null,
    IReadOnlyList<string>? AllowedHosts = null,
    IReadOnlyDictionary<string, string>? Bundles = null,
    long? MaxAttempts = null,
    string? Engine = null)
{
    /// <summary>Who asks: what is compiled for the registration is compiled in this caller's share.</summary>
    public string Caller { get; init; } = CompilePool.Silo;

    /// <summary>What is to make it a procedure; null for any other function.</summary>
    public ProcedureRequest? Procedure { get; init; }
}
