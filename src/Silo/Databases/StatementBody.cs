using System.Collections.Immutable;
using System.Text.Json;
using HeliosEdge.Grains.Abstractions.Databases;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Databases;

/// <summary>The body that is a statement; a batch is a list of them.</summary>
/// <param name="Sql">The statement; ?1, ?2… stand for parameters with SQLite, $1, $2… with PostgreSQL.</param>
/// <param name="Params">The parameters: null, true, false, numbers, strings, {"base64": "…"} for bytes, and with PostgreSQL other objects and lists; none if not stated.</param>
internal sealed record StatementBody(string Sql, IReadOnlyList<JsonElement>? Params)
{
    /// <summary>Bytes of a body, be it one statement or a batch.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Values of all kinds in it; its bytes are bounded already.</summary>
    private const int MaxValues = 100_000;

    /// <summary>Objects and lists within each other: parameters of PostgreSQL may be documents.</summary>
    private const int MaxDepth = 64;

    private static readonly string[] Members = ["sql", "params"];

    /// <summary>Reads a body with one statement.</summary>
    /// <exception cref="Sandbox.SandboxException"><see cref="Sandbox.ErrorCodes.InvalidParameter"/>, naming the member.</exception>
    public static ImmutableArray<DatabaseStatement> Parse(ReadOnlyMemory<byte> json) =>
        [JsonMembers.Parse(json, Members, Read, maxValues: MaxValues, maxDepth: MaxDepth)];

    /// <summary>Reads a body with a list of statements.</summary>
    /// <exception cref="Sandbox.SandboxException"><see cref="Sandbox.ErrorCodes.InvalidParameter"/>, naming the member.</exception>
    public static ImmutableArray<DatabaseStatement> ParseBatch(ReadOnlyMemory<byte> json) =>
        JsonMembers.ParseObjects(json, Members, Read, maxValues: MaxValues, maxDepth: MaxDepth);

    private static DatabaseStatement Read(JsonMembers body) => new() { Text = body.RequiredString("sql"), Parameters = body.OptionalList("params") };
}
