using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Functions;

/// <summary>The body of a rollback; it may also be left out.</summary>
/// <param name="Version">The version that gets all calls; the one before the current one if not stated.</param>
internal sealed record RollbackBody(int? Version)
{
    private static readonly string[] Members = ["version"];

    /// <summary>Reads a body.</summary>
    /// <exception cref="Sandbox.SandboxException"><see cref="Sandbox.ErrorCodes.InvalidParameter"/>, naming the member.</exception>
    public static RollbackBody Parse(ReadOnlyMemory<byte> json) => json.IsEmpty
        ? new RollbackBody(Version: null)
        : JsonMembers.Parse(json, Members, body => new RollbackBody(
            body.OptionalInteger("version") is { } version ? VersionNumber.Check("version", version) : null));
}
