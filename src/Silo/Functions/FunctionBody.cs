using System.ComponentModel;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Functions;

/// <summary>The body of a registration.</summary>
/// <param name="Module">The hash of an uploaded module.</param>
/// <param name="Abi">The guest ABI.</param>
/// <param name="Entry">The export to call.</param>
/// <param name="Regions">The regions.</param>
/// <param name="Limits">The limits.</param>
/// <param name="Profile">A preset of capabilities.</param>
/// <param name="Capabilities">Capabilities beyond the preset's.</param>
/// <param name="Env">Environment variables.</param>
/// <param name="Args">Arguments of a command.</param>
/// <param name="Config">Configuration of a plug-in.</param>
/// <param name="AllowedHosts">Hosts that outbound HTTP may reach.</param>
/// <param name="Bundles">Bundles of files.</param>
/// <param name="MaxAttempts">How often an asynchronous invocation is tried.</param>
/// <param name="Engine">The engine.</param>
internal sealed record FunctionBody(
    [property: Description("SHA-256 of an uploaded module, 64 lower-case hexadecimal digits.")] string Module,
    [property: Description("How the guest is called, helios-1, wasi or extism; what the module is made for if not stated.")] string? Abi,
    [property: Description("The exported function to call; if not stated, handle for helios-1, _start for wasi and the only one there is for extism.")] string? Entry,
    [property: Description("The regions that serve the function; all of this silo's if none is stated.")] IReadOnlyList<string>? Regions,
    [property: Description("What each invocation may use; the silo's defaults where not stated.")] LimitsBody? Limits,
    [property: Description("What the function may do: minimal, compute, database_only or edge; if not stated, compute for wasi and extism and minimal, which grants nothing, for helios-1.")] string? Profile,
    [property: Description("What the function may do beyond its profile, such as kv.read.")] IReadOnlyList<string>? Capabilities,
    [property: Description("Environment variables of the guest.")] IReadOnlyDictionary<string, string>? Env,
    [property: Description("Arguments of a command, after its own name.")] IReadOnlyList<string>? Args,
    [property: Description("What a plug-in asks its host for by name.")] IReadOnlyDictionary<string, string>? Config,
    [property: Description("Hosts that outbound HTTP may reach, such as api.example.com, *.example.com or api.example.com:8443.")] IReadOnlyList<string>? AllowedHosts,
    [property: Description("Uploaded bundles of read-only files: the hash of each by the folder where the guest sees it.")] IReadOnlyDictionary<string, string>? Bundles,
    [property: Description("How often an asynchronous invocation is tried, from 1 to 100; 5 if not stated.")] int? MaxAttempts,
    [property: Description("What runs the function, wasmtime or managed, if the operator allows it; the silo's default if not stated.")] string? Engine)
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
