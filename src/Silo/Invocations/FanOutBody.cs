using System.Text;
using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Grains.FanOuts;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Invocations;

/// <summary>The body of a fan-out.</summary>
/// <param name="Regions">The regions, or ["*"] for all that serve the function, peers' included; ["*"] if not stated.</param>
/// <param name="Mode">all waits for every region, first for one success, quorum for as many as quorum says; all if not stated.</param>
/// <param name="Quorum">How many regions must succeed; only for the mode quorum.</param>
/// <param name="Payload">What each guest gets, as text; up to 1 MiB as written.</param>
/// <param name="PayloadBase64">What each guest gets, in base64, instead of payload; up to 1 MiB as written.</param>
internal sealed record FanOutBody(
    IReadOnlyList<string>? Regions,
    string? Mode,
    int? Quorum,
    string? Payload,
    string? PayloadBase64)
{
    /// <summary>Bytes of a body: the largest string that JSON may have, and what is around it.</summary>
    public const int MaxBytes = JsonCaps.MaxStringBytes + (128 << 10);

    private static readonly string[] Members = ["regions", "mode", "quorum", "payload", "payloadBase64"];

    /// <summary>Reads a body.</summary>
    /// <returns>The plan, and what each guest gets.</returns>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.InvalidParameter"/>, naming the member; or the regions or the function are not known, or the payload is too large.
    /// </exception>
    public static (FanOutPlan Plan, ReadOnlyMemory<byte> Payload) Parse(string function, ReadOnlyMemory<byte> json, FanOutPlanner planner) =>
        JsonMembers.Parse(json, Members, body =>
        {
            var payload = PayloadOf(body);
            var regions = body.Has("regions") ? body.OptionalStrings("regions") : [FanOutPlanner.AllRegions];
            var plan = planner.Plan(function, regions, ModeOf(body.OptionalString("mode")), body.OptionalInteger("quorum"));
            plan.Require(payload);
            return (plan, (ReadOnlyMemory<byte>)payload);
        });

    private static FanOutMode ModeOf(string? mode) => mode switch
    {
        null or "all" => FanOutMode.All,
        "first" => FanOutMode.First,
        "quorum" => FanOutMode.Quorum,
        _ => throw Refuse($"mode must be all, first or quorum, not \"{Grains.Names.Shorten(mode)}\"."),
    };

    private static byte[] PayloadOf(JsonMembers body)
    {
        var text = body.OptionalString("payload");
        if (body.OptionalString("payloadBase64") is not { } base64)
        {
            return Encoding.UTF8.GetBytes(text ?? "");
        }

        if (text is not null)
        {
            throw Refuse("payload and payloadBase64 are both there; one of them is the payload.");
        }

        var bytes = new byte[((base64.Length + 3) / 4) * 3];
        return Convert.TryFromBase64String(base64, bytes, out var length)
            ? bytes[..length]
            : throw Refuse("payloadBase64 is no base64.");
    }

    private static SandboxException Refuse(string message) => new(ErrorCodes.InvalidParameter, message);
}
