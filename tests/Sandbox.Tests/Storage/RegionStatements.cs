using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Sandbox.Tests.Storage;

/// <summary>Single statements on the database <c>main</c> of a region.</summary>
internal static class RegionStatements
{
    public static SqlAnswer Query(this ISqlDatabases databases, string region, string sql, ReadOnlyMemory<byte> parameters, TimeSpan patience) =>
        databases.Run(region, new SqlStatement(sql, parameters, SqlAccess.Read), patience);

    public static SqlAnswer Execute(this ISqlDatabases databases, string region, string sql, ReadOnlyMemory<byte> parameters, TimeSpan patience) =>
        databases.Run(region, new SqlStatement(sql, parameters, SqlAccess.Write), patience);

    private static SqlAnswer Run(this ISqlDatabases databases, string region, SqlStatement statement, TimeSpan patience) =>
        databases.Find(region, SecurityProfile.MainDatabase)!.Run(statement, SqlPatience.For(patience, CancellationToken.None));
}
