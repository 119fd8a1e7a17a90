using System.Collections.Immutable;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>The SQL databases of the regions, by name. Used by many threads.</summary>
public interface ISqlDatabases : IHostService
{
    /// <summary>Finds a database.</summary>
    /// <param name="region">The region.</param>
    /// <param name="name">The database's name there, such as <see cref="SecurityProfile.MainDatabase"/>.</param>
    /// <returns>Null where the region has none of that name.</returns>
    ISqlDatabase? Find(string region, string name);

    /// <summary>The names of a region's databases, sorted.</summary>
    ImmutableArray<string> Names(string region);
}
