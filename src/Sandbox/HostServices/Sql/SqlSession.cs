using HeliosEdge.Sandbox.Invocations;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>The transaction in which a call runs: all of its statements on that database are part of it.</summary>
/// <param name="transaction">The transaction.</param>
/// <param name="depth">How many procedures have called each other to get here; 1 for the first.</param>
public sealed class SqlSession(ISqlTransaction transaction, int depth = 1) : IHostService
{
    /// <summary>The transaction.</summary>
    public ISqlTransaction Transaction { get; } = transaction;

    /// <summary>How many procedures have called each other to get here; 1 for the first.</summary>
    public int Depth { get; } = depth;
}
