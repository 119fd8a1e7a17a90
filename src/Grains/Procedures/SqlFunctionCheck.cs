using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Functions;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Grains.Procedures;

/// <summary>Checks what somebody wants a function of SQL to be.</summary>
internal static class SqlFunctionCheck
{
    public const string Scalar = "scalar";
    public const string Aggregate = "aggregate";

    /// <summary>The profile of a function of SQL that states none.</summary>
    public const string DefaultProfile = "compute";

    /// <summary>What a guest may do that runs inside a statement: nothing that waits, least of all for the database that waits for it.</summary>
    public const Capability Allowed = Capability.Log | Capability.Clock | Capability.Random | Capability.Env;

    /// <summary>Fills in what the request does not state.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/> or <see cref="ErrorCodes.CapabilityDenied"/>.</exception>
    public static SqlFunctionTerms? Resolve(
        string name, SqlFunctionRequest? request, string database, SecurityProfile profile, HostServiceSet services, ImmutableArray<string> regions)
    {
        if (request is null)
        {
            return null;
        }

        foreach (var region in regions)
        {
            if (services.Find<ISqlDatabases>()?.Find(region, database) is { Kind: not SqliteRegionDatabases.KindName } other)
            {
                throw Refuse($"sql is for SQLite; {database} is {other.Kind}, in which no guest can be a function. Call the procedure instead.");
            }
        }

        if (SqlFunctionNames.IsBuiltIn(name))
        {
            throw Refuse($"\"{name}\" is a function of SQLite already; a function of SQL needs another name.");
        }

        var kind = request.Kind ?? Scalar;
        if (kind is not (Scalar or Aggregate))
        {
            throw Refuse($"sql.kind is {Scalar} or {Aggregate}, not \"{Names.Shorten(kind)}\".");
        }

        if (request.Arguments is < -1 or > SqlFunction.MaxArguments)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"sql.arguments must be from 0 to {SqlFunction.MaxArguments}, or -1 for any number, not {request.Arguments}.")
            {
                Limit = SqlFunction.MaxArguments,
                Value = request.Arguments,
            };
        }

        var deterministic = request.Deterministic ?? false;
        if (deterministic && (profile.Capabilities & (Capability.Clock | Capability.Random)) != Capability.None)
        {
            throw Refuse("sql.deterministic does not go together with clock or random, which give something else each time; choose the profile minimal.");
        }

        if (!IsAllowed(profile))
        {
            throw new SandboxException(ErrorCodes.CapabilityDenied, Refusal(name, profile));
        }

        return new SqlFunctionTerms { Kind = kind, Arguments = (int)(request.Arguments ?? -1), Deterministic = deterministic };
    }

    /// <summary>Whether a function may run inside a statement.</summary>
    public static bool IsAllowed(SecurityProfile profile) => (profile.Capabilities & ~Allowed) == Capability.None && profile.Databases.IsEmpty;

    /// <summary>What is said of a function that may do more than inside a statement.</summary>
    public static string Refusal(string name, SecurityProfile profile) =>
        $"\"{name}\" would run inside a statement, where a function may have {string.Join(", ", CapabilityNames.Of(Allowed))}, not {string.Join(", ", profile.Names.Except(CapabilityNames.Of(Allowed)))}.";

    private static SandboxException Refuse(string message) => new(ErrorCodes.InvalidParameter, message);
}
