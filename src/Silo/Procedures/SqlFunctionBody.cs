using HeliosEdge.Grains.Procedures;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Procedures;

/// <summary>What makes a procedure a function of SQL.</summary>
/// <param name="Kind">scalar or aggregate; scalar if not stated.</param>
/// <param name="Arguments">How many arguments it takes, or -1 for any number; -1 if not stated.</param>
/// <param name="Deterministic">Whether the same arguments always give the same result; false if not stated.</param>
internal sealed record SqlFunctionBody(string? Kind, int? Arguments, bool? Deterministic)
{
    private static readonly string[] Members = ["kind", "arguments", "deterministic"];

    /// <summary>Reads the member sql of a body; null where it is not there.</summary>
    /// <exception cref="Sandbox.SandboxException"><see cref="Sandbox.ErrorCodes.InvalidParameter"/>, naming the member.</exception>
    public static SqlFunctionRequest? Parse(JsonMembers body) => body.OptionalObject("sql", Members) is { } sql
        ? new SqlFunctionRequest(sql.OptionalString("kind"), sql.OptionalInteger("arguments"), sql.OptionalBoolean("deterministic"))
        : null;
}
