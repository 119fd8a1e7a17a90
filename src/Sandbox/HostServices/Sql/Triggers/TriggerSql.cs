using System.Text.Json;

namespace HeliosEdge.Sandbox.HostServices.Sql.Triggers;

/// <summary>The statements that make a trigger in SQLite.</summary>
/// <param name="definition">What it is.</param>
/// <param name="key">The columns that are the row's key.</param>
/// <param name="passed">The columns that are passed on, those of the key first.</param>
/// <param name="shown">The columns that the guest gets, and may change.</param>
/// <param name="hasRowid">Whether the table's rows have a rowid.</param>
internal sealed class TriggerSql(TriggerDefinition definition, string[] key, string[] passed, string[] shown, bool hasRowid)
{
    /// <summary>What asks the guest. Of a row that is written it gets what is in the table by then, which may be what a guest has made of it.</summary>
    public IEnumerable<string> Asking()
    {
        foreach (var eventName in definition.Events)
        {
            var isWritten = TriggerEvents.HasNew(eventName) && !TriggerEvents.MayChange(eventName);
            var old = TriggerEvents.HasOld(eventName) ? Values("OLD.") : "";
            var now = !TriggerEvents.HasNew(eventName) ? "" : isWritten ? Values("") : Values("NEW.");
            var from = isWritten ? $" FROM {SqliteText.Name(definition.Table)} WHERE {IsNew}" : "";
            var when = definition.When is null ? "" : $" WHEN (\n{definition.When}\n)";
            yield return $"""
                CREATE TRIGGER {SqliteText.Name($"{TriggerFunctions.Prefix}{definition.Name}:{eventName}")} {TriggerEvents.Sql(eventName)} ON {SqliteText.Name(definition.Table)}{when} BEGIN
                  SELECT {TriggerFunctions.Fire}({SqliteText.Value(Head(eventName))}{old}{now}){from};
                END
                """;
        }

        string Values(string row) => string.Concat(passed.Select(column => $", {row}{SqliteText.Name(column)}"));
    }

    /// <summary>What writes the columns that the guest has changed.</summary>
    public IEnumerable<string> Writing()
    {
        var name = SqliteText.Value(definition.Name);
        var changeable = shown.Except(key).ToArray();
        if (changeable.Length == 0)
        {
            yield break;
        }

        var set = string.Join(", ", changeable.Select(column => $"{SqliteText.Name(column)} = {TriggerFunctions.New}({name}, {SqliteText.Value(column)}, {SqliteText.Name(column)})"));
        foreach (var verb in definition.Events.Where(TriggerEvents.MayChange).Select(eventName => eventName["before_".Length..]))
        {
            yield return $"""
                CREATE TRIGGER {SqliteText.Name($"{TriggerFunctions.Prefix}{definition.Name}:apply_{verb}")} AFTER {verb.ToUpperInvariant()} ON {SqliteText.Name(definition.Table)} WHEN {TriggerFunctions.Pending}({name}) BEGIN
                  UPDATE {SqliteText.Name(definition.Table)} SET {set} WHERE {IsNew};
                  SELECT {TriggerFunctions.Applied}({name});
                END
                """;
        }
    }

    private string Head(string eventName) => JsonSerializer.Serialize(
        new TriggerCall(definition.Name, eventName, definition.Table, definition.Function, key, passed[key.Length..], shown), SqlJsonContext.Default.TriggerCall);

    private string IsNew => string.Join(" AND ", (hasRowid ? ["rowid"] : key).Select(column => $"{SqliteText.Name(column)} IS NEW.{SqliteText.Name(column)}"));
}
