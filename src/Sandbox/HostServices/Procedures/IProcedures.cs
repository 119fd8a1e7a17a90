using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.Invocations;

namespace HeliosEdge.Sandbox.HostServices.Procedures;

/// <summary>Calls procedures for guests. Used by many threads.</summary>
public interface IProcedures : IHostService
{
    /// <summary>Calls a procedure, and waits for its answer.</summary>
    /// <param name="region">Where.</param>
    /// <param name="name">The procedure.</param>
    /// <param name="arguments">A JSON array.</param>
    /// <param name="within">The transaction of the procedure that calls; null for a call that gets one of its own.</param>
    /// <param name="patience">How long the caller waits.</param>
    ProcedureAnswer Call(string region, string name, byte[] arguments, SqlSession? within, SqlPatience patience);
}
