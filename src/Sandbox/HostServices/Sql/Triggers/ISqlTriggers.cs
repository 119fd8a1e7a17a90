using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.HostServices.Sql.Triggers;

/// <summary>The triggers of a database whose bodies are guests. Used by many threads.</summary>
public interface ISqlTriggers
{
    /// <summary>Makes a trigger, in place of one with the same name.</summary>
    /// <returns>Whether the name is new.</returns>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: it does not fit the table; or as <see cref="SqlFailure.Of"/>.</exception>
    bool Put(TriggerDefinition definition, SqlPatience patience);

    /// <summary>Has a trigger judge, or let everything pass.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.TriggerNotFound"/>; or as <see cref="SqlFailure.Of"/>.</exception>
    TriggerState Enable(string name, bool isEnabled, SqlPatience patience);

    /// <summary>Removes a trigger.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.TriggerNotFound"/>; or as <see cref="SqlFailure.Of"/>.</exception>
    void Delete(string name, SqlPatience patience);

    /// <summary>All triggers, sorted by name.</summary>
    /// <exception cref="SandboxException">As <see cref="SqlFailure.Of"/>.</exception>
    ImmutableArray<TriggerState> List(SqlPatience patience);
}
