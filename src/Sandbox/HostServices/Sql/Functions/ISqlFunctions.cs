using System.Collections.Immutable;
using HeliosEdge.Sandbox.Abi;

namespace HeliosEdge.Sandbox.HostServices.Sql.Functions;

/// <summary>The functions of SQL whose bodies are guests. Used by many threads.</summary>
public interface ISqlFunctions
{
    /// <summary>Those of a region's database <c>main</c>; the same object for as long as they are the same.</summary>
    ImmutableArray<SqlFunction> Of(string region);

    /// <summary>Makes a guest ready for the rows of a statement.</summary>
    /// <param name="region">The region.</param>
    /// <param name="name">The function's name.</param>
    /// <param name="patience">How long the statement may take.</param>
    /// <exception cref="SandboxException">It cannot be made ready; the code says why.</exception>
    IGuestSession Open(string region, string name, SqlPatience patience);
}
