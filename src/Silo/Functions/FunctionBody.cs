using System.ComponentModel;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox.Limits;
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
internal sealed record FunctionBody(
    [property: Description("SHA-256 of an uploaded module, 64 lower-case hexadecimal digits.")] string Module,
    [property: Description("How the guest is called, helios-1 or wasi; what the module is made for if not stated.")] string? Abi,
    [property: Description("The exported function to call; if not stated, handle for helios-1 and _start for wasi.")] string? Entry,
    [property: Description("The regions that serve the function; all of this silo's if none is stated.")] IReadOnlyList<string>? Regions,
    [property: Description("What each invocation may use; the silo's defaults where not stated.")] LimitsBody? Limits,
    [property: Description("What the function may do: minimal, compute, database_only or edge; minimal, which grants nothing, if not stated.")] string? Profile,
    [property: Description("What the function may do beyond its profile, such as kv.read.")] IReadOnlyList<string>? Capabilities)
{
    private static readonly string[] Members = ["module", "abi", "entry", "regions", "limits", "profile", "capabilities"];

    /// <summary>Reads a body.</summary>
    /// <exception cref="Sandbox.SandboxException"><see cref="Sandbox.ErrorCodes.InvalidParameter"/>, naming the member.</exception>
    public static FunctionRequest Parse(ReadOnlyMemory<byte> json) => JsonMembers.Parse(json, Members, body =>
    {
        var limits = body.OptionalObject("limits", "memoryMiB", "timeoutMs", "maxPayloadBytes", "maxResponseBytes");
        return new FunctionRequest(
            body.RequiredString("module"),
            body.OptionalString("abi"),
            body.OptionalString("entry"),
            body.OptionalStrings("regions"),
            new RequestedLimits(
                limits?.OptionalInteger("memoryMiB"),
                limits?.OptionalInteger("timeoutMs"),
                limits?.OptionalInteger("maxPayloadBytes"),
                limits?.OptionalInteger("maxResponseBytes")),
            body.OptionalString("profile"),
            body.OptionalStrings("capabilities"));
    });
}
