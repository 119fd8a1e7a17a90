using System.Collections.Concurrent;
using System.Collections.Immutable;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox.Abi;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Functions;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Grains.Procedures;

/// <summary>The functions of SQL that are registered.</summary>
public sealed class CatalogSqlFunctions(FunctionCatalog catalog, FunctionHosts hosts) : ISqlFunctions
{
    private readonly ConcurrentDictionary<string, Snapshot> _regions = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ImmutableArray<SqlFunction> Of(string region)
    {
        var revision = catalog.Revision;
        if (_regions.TryGetValue(region, out var known) && known.Revision == revision)
        {
            return known.Functions;
        }

        var functions = catalog.Procedures(region)
            .Where(function => function.Procedure is { Sql: not null, Database: SecurityProfile.MainDatabase })
            .Select(function => new SqlFunction(
                function.Name,
                function.Procedure!.Sql!.Arguments,
                function.Procedure.Sql.Deterministic,
                function.Procedure.Sql.Kind == SqlFunctionCheck.Aggregate))
            .ToImmutableArray();
        if (known is not null && functions.SequenceEqual(known.Functions))
        {
            functions = known.Functions;
        }

        _regions[region] = new Snapshot(revision, functions);
        return functions;
    }

    /// <inheritdoc/>
    public IGuestSession Open(string region, string name, SqlPatience patience) => hosts.OpenSession(region, name, patience);

    private sealed record Snapshot(long Revision, ImmutableArray<SqlFunction> Functions);
}
