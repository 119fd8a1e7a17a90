using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Pipelines;

/// <summary>From where a pipeline delivers again.</summary>
/// <param name="From">A position that the pipeline has shown, or snapshot for everything, beginning with the rows that are there.</param>
internal sealed record ReplayBody(string From)
{
    private static readonly string[] Members = ["from"];

    /// <summary>Reads a body.</summary>
    /// <exception cref="Sandbox.SandboxException"><see cref="Sandbox.ErrorCodes.InvalidParameter"/>, naming the member.</exception>
    public static string Parse(ReadOnlyMemory<byte> json) => JsonMembers.Parse(json, Members, body => body.RequiredString("from"));
}
