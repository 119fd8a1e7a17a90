using HeliosEdge.Grains.Abstractions.Databases;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Triggers;

/// <summary>The body of a trigger's registration.</summary>
/// <param name="Database">The database; main if not stated.</param>
/// <param name="Table">The table whose rows it judges.</param>
/// <param name="Events">What it judges: before_insert, after_insert, before_update, after_update, before_delete, after_delete.</param>
/// <param name="Function">The function that judges: it gets trigger, event, table, old, new and at, and answers {"allow": true}, {"allow": false, "reason": "…"}, or {"allow": true, "new": {…}} to a before_insert or before_update.</param>
/// <param name="When">An expression of SQL over OLD and NEW without which the function is not asked.</param>
/// <param name="Columns">The columns that the function gets; all if none is stated.</param>
internal sealed record TriggerBody(
    string? Database, string Table, IReadOnlyList<string> Events, string Function, string? When, IReadOnlyList<string>? Columns)
{
    private static readonly string[] Members = ["database", "table", "events", "function", "when", "columns"];

    /// <summary>Reads a body.</summary>
    /// <exception cref="Sandbox.SandboxException"><see cref="Sandbox.ErrorCodes.InvalidParameter"/>, naming the member.</exception>
    public static TriggerOrder Parse(string name, ReadOnlyMemory<byte> json) => JsonMembers.Parse(json, Members, body => new TriggerOrder
    {
        Database = body.OptionalString("database") ?? SecurityProfile.MainDatabase,
        Action = TriggerAction.Put,
        Name = name,
        Table = body.RequiredString("table"),
        Events = [.. body.OptionalStrings("events")],
        Function = body.RequiredString("function"),
        When = body.OptionalString("when"),
        Columns = [.. body.OptionalStrings("columns")],
    });
}
