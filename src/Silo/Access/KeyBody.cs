using HeliosEdge.Access.Keys;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Access;

/// <summary>The body that asks for a key.</summary>
/// <param name="Name">What people call the key, 1 to 64 characters.</param>
/// <param name="Scopes">What it may do: admin, data.read, data.write, deploy, invoke, read. admin implies all, deploy implies read, data.write implies data.read.</param>
/// <param name="Rate">Requests a second, on average; no limit if not stated.</param>
/// <param name="Burst">Requests at once after a quiet time; as many as the rate if not stated.</param>
/// <param name="ExpiresInSeconds">How long the key is good; for ever if not stated.</param>
internal sealed record KeyBody(
    string Name,
    IReadOnlyList<string> Scopes,
    long? Rate,
    long? Burst,
    long? ExpiresInSeconds)
{
    private static readonly string[] Members = ["name", "scopes", "rate", "burst", "expiresInSeconds"];

    /// <summary>Reads a body.</summary>
    /// <exception cref="Sandbox.SandboxException"><see cref="Sandbox.ErrorCodes.InvalidParameter"/>, naming the member.</exception>
    public static KeyRequest Parse(ReadOnlyMemory<byte> json) => JsonMembers.Parse(json, Members, body => new KeyRequest(
        body.RequiredString("name"),
        body.OptionalStrings("scopes"),
        body.OptionalInteger("rate"),
        body.OptionalInteger("burst"),
        body.OptionalInteger("expiresInSeconds") is { } seconds ? Lifetime(seconds) : null));

    // Out of what a TimeSpan can be: any number that is as surely refused.
    private static TimeSpan Lifetime(long seconds) =>
        seconds <= (long)KeyRequest.MaxLifetime.TotalSeconds ? TimeSpan.FromSeconds(Math.Max(seconds, 0)) : TimeSpan.MaxValue;
}
