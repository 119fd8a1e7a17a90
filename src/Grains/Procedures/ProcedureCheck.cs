using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Grains.Procedures;

/// <summary>Checks what somebody wants a procedure to be.</summary>
public static class ProcedureCheck
{
    /// <summary>The profile of a procedure that states none.</summary>
    public static string DefaultProfileOf(ProcedureRequest request) => request.Sql is null ? "database_only" : SqlFunctionCheck.DefaultProfile;

    /// <summary>How often a procedure is run again that says nothing about it.</summary>
    public const int DefaultRetries = 5;

    /// <summary>How often a procedure can be run again at most.</summary>
    public const int MaxRetries = 100;

    /// <summary>What a transaction does not take back.</summary>
    private const Capability Lasting = Capability.HttpOutbound | Capability.KvWrite;

    /// <summary>What is to be said of a procedure that is fine otherwise; empty for nothing.</summary>
    public static ImmutableArray<string> Warnings(FunctionDescription function) =>
        function.Procedure is not null && SecurityProfile.Resolve(function.Profile, function.Capabilities) is var profile && (profile.Capabilities & Lasting) != 0
            ? [$"It is not run again after a conflict, because it has {WordsOf(profile)}, whose effects no transaction takes back."]
            : [];

    /// <summary>Refuses a profile that names a database which a region does not have.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>.</exception>
    internal static void RequireDatabases(SecurityProfile profile, HostServiceSet services, ImmutableArray<string> regions)
    {
        foreach (var database in profile.Databases.Keys)
        {
            RequireDatabase(database, services, regions);
        }
    }

    /// <summary>Fills in what the request does not state.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>.</exception>
    internal static ProcedureTerms Resolve(string name, ProcedureRequest request, SecurityProfile profile, HostServiceSet services, ImmutableArray<string> regions)
    {
        var database = request.Database ?? SecurityProfile.MainDatabase;
        RequireDatabase(database, services, regions);
        var mode = request.Mode ?? ProcedureWords.ReadWrite;
        if (mode is not (ProcedureWords.ReadOnly or ProcedureWords.ReadWrite))
        {
            throw Refuse($"mode is {ProcedureWords.ReadOnly} or {ProcedureWords.ReadWrite}, not \"{Names.Shorten(mode)}\".");
        }

        var isolation = request.Isolation ?? ProcedureWords.DefaultIsolation;
        if (!ProcedureWords.AllIsolations.Contains(isolation))
        {
            throw Refuse($"isolation is one of {string.Join(", ", ProcedureWords.AllIsolations)}, not \"{Names.Shorten(isolation)}\".");
        }

        if (request.Retries is < 0 or > MaxRetries)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"retries must be from 0 to {MaxRetries}, not {request.Retries}.")
            {
                Limit = MaxRetries,
                Value = request.Retries,
            };
        }

        var lasts = (profile.Capabilities & Lasting) != 0;
        if (lasts && request.Retries > 0)
        {
            throw Refuse($"retries must be 0 where a procedure has {WordsOf(profile)}: no transaction takes back what these do.");
        }

        return new ProcedureTerms
        {
            Database = database,
            Mode = mode,
            Isolation = isolation,
            Retries = (int)(request.Retries ?? (lasts ? 0 : DefaultRetries)),
            Sql = SqlFunctionCheck.Resolve(name, request.Sql, database, profile, services, regions),
        };
    }

    private static void RequireDatabase(string database, HostServiceSet services, ImmutableArray<string> regions)
    {
        foreach (var region in regions)
        {
            if (services.Find<ISqlDatabases>() is { } databases && databases.Find(region, database) is null)
            {
                throw Refuse($"{region} has no database \"{Names.Shorten(database)}\"; it has {string.Join(", ", databases.Names(region))}.");
            }
        }
    }

    private static string WordsOf(SecurityProfile profile) => string.Join(" and ", CapabilityNames.Of(profile.Capabilities & Lasting));

    private static SandboxException Refuse(string message) => new(ErrorCodes.InvalidParameter, message);
}
