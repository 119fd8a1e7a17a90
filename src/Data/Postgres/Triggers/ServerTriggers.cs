using System.Globalization;
using System.Text;
using System.Text.Json;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;
using Npgsql;

namespace HeliosEdge.Data.Postgres.Triggers;

/// <summary>Reads what <see cref="PostgresTriggerSql.Triggers"/> returns.</summary>
internal static class ServerTriggers
{
    /// <summary>The triggers for rows, those of partitions too. Notes in the pool whether the database has any.</summary>
    public static async Task<IReadOnlyList<ServerTrigger>> ReadAsync(List<string?[]> rows, PostgresPool pool, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        pool.HasTriggers = rows.Count > 0;
        List<ServerTrigger> triggers = [];
        foreach (var row in rows.Where(row => row[0] is not null))
        {
            var (definition, eventName) = Arguments(row[3]!);
            if (!TriggerEvents.All.Contains(eventName))
            {
                continue;
            }

            using var columns = JsonDocument.Parse(row[4]!);
            var told = columns.RootElement.EnumerateArray().Select(column => (Name: column[0].GetString()!, Type: uint.Parse(column[1].GetString()!, CultureInfo.InvariantCulture), IsKey: column[2].GetBoolean())).ToArray();
            var types = await pool.Types.FindAsync(connection, [.. told.Select(column => column.Type)], cancellationToken).ConfigureAwait(false);
            triggers.Add(new ServerTrigger(
                uint.Parse(row[0]!, CultureInfo.InvariantCulture), row[1]!, row[2]!, eventName, definition, [.. told.Select((column, i) => new TriggerColumn(column.Name, types[i], column.IsKey))]));
        }

        return triggers;
    }

    /// <summary>What a trigger is, and its event, from its arguments in Base64: texts that each end with a zero.</summary>
    public static (TriggerDefinition Definition, string Event) Arguments(string base64)
    {
        var parts = Encoding.UTF8.GetString(Convert.FromBase64String(base64)).Split('\0');
        return (JsonSerializer.Deserialize(parts[0], SqlJsonContext.Default.TriggerDefinition)!, parts[1]);
    }
}
