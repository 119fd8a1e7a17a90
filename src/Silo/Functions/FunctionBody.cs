using HeliosEdge.Grains.Functions;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Functions;

/// <summary>The body of a registration.</summary>
/// <param name="Module">SHA-256 of an uploaded module, 64 lower-case hexadecimal digits.</param>
/// <param name="Abi">How the guest is called, helios-1, wasi or extism; what the module is made for if not stated.</param>
/// <param name="Entry">The exported function to call; if not stated, handle for helios-1, _start for wasi and the only one there is for extism.</param>
/// <param name="Regions">The regions that serve the function; all of this silo's if none is stated.</param>
/// <param name="Limits">What each invocation may use; the silo's defaults where not stated.</param>
/// <param name="Profile">What the function may do: minimal, compute, database_only or edge; if not stated, compute for wasi and extism and minimal, which grants nothing, for helios-1.</param>
/// <param name="Capabilities">What the function may do beyond its profile, such as kv.read.</param>
/// <param name="Env">Environment variables of the guest.</param>
/// <param name="Args">Arguments of a command, after its own name.</param>
/// <param name="Config">What a plug-in asks its host for by name.</param>
/// <param name="AllowedHosts">Hosts that outbound HTTP may reach, such as api.example.com, *.example.com or api.example.com:8443.</param>
/// <param name="Bundles">Uploaded bundles of read-only files: the hash of each by the folder where the guest sees it.</param>
/// <param name="MaxAttempts">How often an asynchronous invocation is tried, from 1 to 100; 5 if not stated.</param>
/// <param name="Engine">What runs the function, wasmtime or managed, if the operator allows it; the silo's default if not stated.</param>
internal sealed record FunctionBody(
    string Module,
    string? Abi,
    string? Entry,
    IReadOnlyList<string>? Regions,
    LimitsBody? Limits,
    string? Profile,
    IReadOnlyList<string>? Capabilities,
    IReadOnlyDictionary<string, string>? Env,
    IReadOnlyList<string>? Args,
    IReadOnlyDictionary<string, string>? Config,
    IReadOnlyList<string>? AllowedHosts,
    IReadOnlyDictionary<string, string>? Bundles,
    int? MaxAttempts,
    string? Engine)
{
    private static readonly string[] Members =
    [
        "module", "abi", "entry", "regions", "limits", "profile", "capabilities", "env", "args", "config", "allowedHosts", "bundles",
        "maxAttempts", "engine",
    ];

    /// <summary>Reads a body.</summary>
    /// <exception cref="Sandbox.SandboxException"><see cref="Sandbox.ErrorCodes.InvalidParameter"/>, naming the member.</exception>
    public static FunctionRequest Parse(ReadOnlyMemory<byte> json) => JsonMembers.Parse(json, Members, body => new FunctionRequest(
        body.RequiredString("module"),
        body.OptionalString("abi"),
        body.OptionalString("entry"),
        body.OptionalStrings("regions"),
        LimitMembers.Read(body, "limits"),
        body.OptionalString("profile"),
        body.OptionalStrings("capabilities"),
        body.OptionalMap("env"),
        body.OptionalStrings("args"),
        body.OptionalMap("config"),
        body.OptionalStrings("allowedHosts"),
        body.OptionalMap("bundles"),
        body.OptionalInteger("maxAttempts"),
        body.OptionalString("engine")));
}
