using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using HeliosEdge.Data.Postgres.Triggers;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using Npgsql;

namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>
/// The table that takes what a pipeline's function answers. Values are as parameters of statements are; where a column takes bytes, a string is Base64, and
/// where it takes JSON, whatever there is, as events have both.
/// </summary>
internal sealed class TableSink
{
    /// <summary>Kinds of rows, by which columns they have, whose statements are kept.</summary>
    private const int MaxShapes = 64;

    private readonly Dictionary<string, string> _statements = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PostgresType> _columns;
    private readonly ImmutableArray<string> _key;
    private readonly string _name;
    private readonly string _sql;

    private TableSink(string name, string sql, Dictionary<string, PostgresType> columns, ImmutableArray<string> key) => (_name, _sql, _columns, _key) = (name, sql, columns, key);

    /// <summary>Finds the sink of a pipeline.</summary>
    /// <returns>Null where it has none that is a table.</returns>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.CaptureRefused"/>: it is not there any more, or has lost its key.</exception>
    public static async Task<TableSink?> OpenAsync(NpgsqlConnection connection, PostgresTypes types, PipelineDefinition definition, CancellationToken cancellationToken)
    {
        if (definition.Sink?.Table is not { } name)
        {
            return null;
        }

        CapturedTable table;
        try
        {
            table = await CapturedTables.FindAsync(connection, name, cancellationToken).ConfigureAwait(false);
        }
        catch (SandboxException e)
        {
            throw new SandboxException(ErrorCodes.CaptureRefused, $"The sink of the pipeline cannot be used: {e.Message}", e);
        }

        var columns = await TableColumns.ReadAsync(connection, types, TableColumns.All, table.Oid, cancellationToken).ConfigureAwait(false);
        if (columns.Key.Count == 0)
        {
            throw new SandboxException(ErrorCodes.CaptureRefused, $"The sink \"{Quoted.Of(name)}\" has no primary key any more, by which its rows would be found.");
        }

        return new TableSink(
            Quoted.Of(name),
            table.Sql,
            columns.Names.Select((column, i) => KeyValuePair.Create(column, columns.Types[i])).ToDictionary(StringComparer.Ordinal),
            [.. columns.Names.Where(columns.Key.Contains)]);
    }

    /// <summary>Does what records say, in a transaction that is under way.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.SinkFailed"/>; or as <see cref="SqlFailure.Of"/>.</exception>
    public static async Task ApplyAsync(TableSink? sink, NpgsqlConnection connection, ImmutableArray<TableRecord> records, CancellationToken cancellationToken)
    {
        if (records.IsDefaultOrEmpty)
        {
            return;
        }

        await using var batch = connection.CreateBatch();
        Append(sink, batch, records);
        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (sink!.Explain(e, batch, 0) is { } failed)
        {
            throw failed;
        }
    }

    /// <summary>Adds a statement for each record.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.SinkFailed"/>.</exception>
    public static void Append(TableSink? sink, NpgsqlBatch batch, ImmutableArray<TableRecord> records)
    {
        if (records.IsDefaultOrEmpty)
        {
            return;
        }

        if (sink is null)
        {
            throw new SandboxException(ErrorCodes.SinkFailed, "The pipeline has no table that would take records.");
        }

        for (var i = 0; i < records.Length; i++)
        {
            batch.BatchCommands.Add(sink.Make(records[i], i + 1));
        }
    }

    /// <summary>What an error of a record is for who gave it; null if it is about something else.</summary>
    /// <param name="e">The error.</param>
    /// <param name="batch">Where it happened.</param>
    /// <param name="first">Where the statements of records begin there.</param>
    public SandboxException? Explain(PostgresException e, NpgsqlBatch batch, int first)
    {
        var error = PostgresErrors.Of(e);
        var number = e.BatchCommand is NpgsqlBatchCommand command ? batch.BatchCommands.IndexOf(command) - first : -1;
        if (error.Outcome != SqlOutcome.Failed || number < 0)
        {
            return null;
        }

        var column = string.IsNullOrEmpty(e.ColumnName) ? "" : $" (column \"{Quoted.Of(e.ColumnName)}\")";
        return new SandboxException(ErrorCodes.SinkFailed, $"The table \"{_name}\" does not take record {number + 1}: {error.Message}{column}", e);
    }

    private NpgsqlBatchCommand Make(TableRecord record, int number)
    {
        if (record.Row.ValueKind != JsonValueKind.Object)
        {
            throw Wrong(number, "it is no object");
        }

        // A delete is told apart by the key alone, whatever else there is.
        var fields = record.Row.EnumerateObject().Where(field => record.Verb != TableVerb.Delete || _key.Contains(field.Name)).ToArray();
        foreach (var column in _key.Where(column => !fields.Any(field => field.Name == column)))
        {
            throw Wrong(number, $"it lacks \"{Quoted.Of(column)}\", a column of the primary key");
        }

        var command = new NpgsqlBatchCommand(StatementOf(record.Verb, [.. fields.Select(field => field.Name)], number));
        for (var i = 0; i < fields.Length; i++)
        {
            command.Parameters.Add(ParameterOf(fields[i].Value, _columns[fields[i].Name], number, fields[i].Name));
        }

        return command;
    }

    private static NpgsqlParameter ParameterOf(JsonElement value, PostgresType type, int number, string column)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.Null => PostgresParameters.OfText(null),
                _ when type.Form == PostgresForm.Json => PostgresParameters.OfText(value.GetRawText()),
                JsonValueKind.String when type.Form == PostgresForm.Bytes => value.TryGetBytesFromBase64(out var bytes)
                    ? new NpgsqlParameter { Value = bytes, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea }
                    : throw Wrong(number, $"\"{Quoted.Of(column)}\" takes bytes, and the string is no Base64"),
                JsonValueKind.Array when type.Form != PostgresForm.Array => throw Wrong(number, $"\"{Quoted.Of(column)}\" takes no array"),
                _ => PostgresParameters.Make(value, 1, type),
            };
        }
        catch (StatementException e)
        {
            throw Wrong(number, $"\"{Quoted.Of(column)}\" cannot have the value: {e.Error.Message}");
        }
    }

    private static SandboxException Wrong(int number, string what) => new(ErrorCodes.SinkFailed, $"Record {number} cannot be applied: {what}.");

    private string StatementOf(TableVerb verb, string[] columns, int number)
    {
        var shape = $"{verb} {string.Join('\0', columns)}";
        if (_statements.TryGetValue(shape, out var known))
        {
            return known;
        }

        foreach (var column in columns.Where(column => !_columns.ContainsKey(column)))
        {
            throw Wrong(number, $"the table \"{_name}\" has no column \"{Quoted.Of(column)}\"");
        }

        if (columns.GroupBy(column => column, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw Wrong(number, $"it names \"{Quoted.Of(twice.Key)}\" twice");
        }

        if (_statements.Count >= MaxShapes)
        {
            _statements.Clear();
        }

        return _statements[shape] = Write(verb, columns);
    }

    private string Write(TableVerb verb, string[] columns)
    {
        if (verb == TableVerb.Delete)
        {
            return $"DELETE FROM {_sql} AS t WHERE {string.Join(" AND ", columns.Select((column, i) => $"t.{Quote(column)} = ${i + 1}"))}";
        }

        var sql = new StringBuilder($"INSERT INTO {_sql} AS t ({string.Join(", ", columns.Select(Quote))}) OVERRIDING SYSTEM VALUE VALUES (")
            .AppendJoin(", ", columns.Select((_, i) => $"${i + 1}"))
            .Append($") ON CONFLICT ({string.Join(", ", _key.Select(Quote))}) DO ");
        var others = columns.Where(column => !_key.Contains(column)).Select(Quote).ToArray();
        return others.Length == 0
            ? sql.Append("NOTHING").ToString()
            : sql.Append("UPDATE SET ")
                .AppendJoin(", ", others.Select(column => verb == TableVerb.Upsert ? $"{column} = excluded.{column}" : $"{column} = coalesce(t.{column}, 0) + coalesce(excluded.{column}, 0)"))
                .ToString();
    }

    private static string Quote(string column) => PostgresTriggerSql.Quote(column);
}
