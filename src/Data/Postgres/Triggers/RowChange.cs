using System.Text.Json;
using HeliosEdge.Sandbox.HostServices.Sql;
using Npgsql;

namespace HeliosEdge.Data.Postgres.Triggers;

/// <summary>What guests make of a row.</summary>
/// <param name="table">One of the triggers of its table.</param>
/// <param name="row">The row as it was told of.</param>
/// <param name="key">Its key, for messages.</param>
internal sealed class RowChange(ServerTrigger table, List<string?> row, string key)
{
    private readonly OrderedDictionary<int, NpgsqlParameter> _values = [];
    private NpgsqlBatchCommand? _update;

    /// <summary>Its key, for messages.</summary>
    public string Key => key;

    /// <summary>What tells it from others of its table.</summary>
    public string Identity => table.IdentityOf(row);

    /// <summary>The last trigger that has changed it.</summary>
    public string LastTrigger { get; private set; } = "";

    /// <exception cref="StatementException">It is nothing that PostgreSQL can have.</exception>
    public void Set(ServerTrigger trigger, string column, JsonElement value)
    {
        LastTrigger = trigger.Definition.Name;
        var number = table.Columns.TakeWhile(other => other.Name != column).Count();
        _values[number] = PostgresParameters.Make(value, number + 1, table.Columns[number].Type);
    }

    /// <summary>The statement that writes it, and returns the row; a column that a later statement of the transaction has changed keeps that.</summary>
    public NpgsqlBatchCommand ToUpdate()
    {
        if (_update is not null)
        {
            return _update;
        }

        _update = new NpgsqlBatchCommand();
        var set = _values.Select(change =>
        {
            var column = PostgresTriggerSql.Quote(table.Columns[change.Key].Name);
            return $"{column} = CASE WHEN ROW(helios_row.{column})::pg_catalog.text = {Add(PostgresParameters.OfText(PostgresRecord.Of(row[change.Key])))} THEN {Add(change.Value)} ELSE helios_row.{column} END";
        }).ToArray();
        var where = table.Columns.Select((column, i) => (column, i)).Where(column => column.column.IsKey)
            .Select(column => $"helios_row.{PostgresTriggerSql.Quote(column.column.Name)} = {Add(PostgresParameters.OfText(row[column.i]))}").ToArray();
        _update.CommandText = $"UPDATE {table.TableSql} AS helios_row SET {string.Join(", ", set)} WHERE {string.Join(" AND ", where)} RETURNING (helios_row.*)::pg_catalog.text";
        return _update;
    }

    private string Add(NpgsqlParameter parameter)
    {
        _update!.Parameters.Add(parameter);
        return $"${_update.Parameters.Count}";
    }
}
