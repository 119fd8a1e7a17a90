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
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public IEnumerable<string> Statements()
    {
        var (name, table) = (Text(definition.Name), Quote(definition.Table));
        string[][] parts = [key, passed[key.Length..]];
        var columns = Text(JsonSerializer.Serialize(parts, SqlJsonContext.Default.StringArrayArray));
        var guest = Text(JsonSerializer.Serialize(shown, SqlJsonContext.Default.StringArray));

        // What has the row written that the guest has made goes first, so that other triggers see it; SQLite fires those that were made last first.
        foreach (var eventName in definition.Events)
        {
            string[] rows = [.. TriggerEvents.HasOld(eventName) ? ["OLD"] : Array.Empty<string>(), .. TriggerEvents.HasNew(eventName) ? ["NEW"] : Array.Empty<string>()];
            var values = string.Concat(rows.SelectMany(row => passed.Select(column => $", {row}.{Quote(column)}")));
            var when = definition.When is null ? "" : $" WHEN (\n{definition.When}\n)";
            yield return $"""
                CREATE TRIGGER {Quote($"{TriggerFunctions.Prefix}{definition.Name}:{eventName}")} {TriggerEvents.Sql(eventName)} ON {table}{when} BEGIN
                  SELECT {TriggerFunctions.Fire}({name}, {Text(eventName)}, {Text(definition.Table)}, {Text(definition.Function)}, {columns}, {guest}{values});
                END
                """;
            if (!TriggerEvents.MayChange(eventName))
            {
                continue;
            }

            var verb = eventName["before_".Length..];
            var set = string.Join(", ", shown.Select(column => $"{Quote(column)} = {TriggerFunctions.New}({name}, {Text(column)}, {Quote(column)})"));
            string[] identity = hasRowid ? ["rowid"] : key;
            var where = string.Join(" AND ", identity.Select(column => $"{Quote(column)} IS NEW.{Quote(column)}"));
            yield return $"""
                CREATE TRIGGER {Quote($"{TriggerFunctions.Prefix}{definition.Name}:apply_{verb}")} AFTER {verb.ToUpperInvariant()} ON {table} WHEN {TriggerFunctions.Pending}({name}) BEGIN
                  UPDATE {table} SET {set} WHERE {where};
                  SELECT {TriggerFunctions.Applied}({name});
                END
                """;
        }
    }

    private static string Text(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
