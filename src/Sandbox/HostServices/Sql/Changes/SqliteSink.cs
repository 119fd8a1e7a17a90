using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>A table of a region's database that gets what the function of a pipeline answers.</summary>
internal sealed class SqliteSink
{
    private readonly string _table;
    private readonly HashSet<string> _columns;
    private readonly string[] _key;

    private SqliteSink(string table, HashSet<string> columns, string[] key) => (_table, _columns, _key) = (table, columns, key);

    /// <summary>Looks at a table.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="table">The table.</param>
    /// <param name="code">The error code if it is none that can be a sink.</param>
    /// <exception cref="SandboxException">It is none.</exception>
    public static SqliteSink Of(RegionConnection connection, string table, string code)
    {
        if (SqlAuthorizer.IsOwnTable(table))
        {
            throw new SandboxException(code, $"The sink \"{Quoted.Of(table)}\" is a table of the silo's own.");
        }

        var found = connection.OwnRows("SELECT type, name FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE", table);
        if (found.Count == 0 || table.StartsWith("sqlite_", StringComparison.OrdinalIgnoreCase))
        {
            throw new SandboxException(code, $"There is no table \"{Quoted.Of(table)}\" to be the sink.");
        }

        if (found[0][0] != "table")
        {
            throw new SandboxException(code, $"The sink \"{Quoted.Of(table)}\" is a {found[0][0]}; a sink is a table.");
        }

        var name = found[0][1]!;
        var columns = connection.OwnRows("SELECT name, pk FROM pragma_table_xinfo(?1) WHERE hidden = 0 ORDER BY pk", name);
        string[] key = [.. columns.Where(column => column[1] != "0").Select(column => column[0]!)];
        return key.Length > 0
            ? new SqliteSink(name, [.. columns.Select(column => column[0]!)], key)
            : throw new SandboxException(code, $"The sink \"{Quoted.Of(table)}\" has no primary key, by which its rows are found.");
    }

    /// <summary>Does what records say, each in a statement like those of functions: what judges rows of the table judges these.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.SinkFailed"/>; or as <see cref="SqlFailure.Of"/>.</exception>
    public void Apply(RegionConnection connection, ImmutableArray<TableRecord> records, SqlPatience patience)
    {
        for (var i = 0; i < records.Length; i++)
        {
            var (sql, columns, parameters) = StatementOf(records[i], i);
            if (connection.RunWithin(new SqlStatement(sql, parameters, SqlAccess.Write), patience).Error is { } error)
            {
                throw error.Outcome == SqlOutcome.Failed ? Refuse(i, Named(error.Message, columns)) : SqlFailure.Of(error);
            }
        }
    }

    private (string Sql, List<string> Columns, byte[] Parameters) StatementOf(TableRecord record, int index)
    {
        if (record.Row.ValueKind != JsonValueKind.Object)
        {
            throw Refuse(index, "it is no object.");
        }

        var columns = new List<string>();
        var parameters = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(parameters))
        {
            writer.WriteStartArray();
            foreach (var member in record.Row.EnumerateObject())
            {
                if (!_columns.Contains(member.Name))
                {
                    throw Refuse(index, $"the table has no column \"{Quoted.Of(member.Name)}\"; it has {string.Join(", ", _columns)}.");
                }

                if (columns.Contains(member.Name))
                {
                    throw Refuse(index, $"it has the column \"{member.Name}\" twice.");
                }

                var isKey = _key.Contains(member.Name);
                if (isKey && member.Value.ValueKind == JsonValueKind.Null)
                {
                    throw Refuse(index, $"the column \"{member.Name}\" of the primary key is null.");
                }

                if (!isKey && record.Verb == TableVerb.Add && member.Value.ValueKind != JsonValueKind.Number)
                {
                    throw Refuse(index, $"the value of the column \"{member.Name}\", which is to be added, is not a number.");
                }

                if (isKey || record.Verb != TableVerb.Delete)
                {
                    columns.Add(member.Name);
                    member.Value.WriteTo(writer);
                }
            }

            writer.WriteEndArray();
        }

        foreach (var column in _key)
        {
            if (!columns.Contains(column))
            {
                throw Refuse(index, $"the column \"{column}\" of the primary key is missing.");
            }
        }

        return (Sql(record.Verb, columns), columns, parameters.WrittenSpan.ToArray());
    }

    private string Sql(TableVerb verb, List<string> columns)
    {
        var table = SqliteText.Name(_table);
        if (verb == TableVerb.Delete)
        {
            return $"DELETE FROM {table} WHERE {string.Join(" AND ", columns.Select((column, i) => $"{SqliteText.Name(column)} = ?{i + 1}"))}";
        }

        var set = columns.Except(_key).Select(column => SqliteText.Name(column)).Select(column =>
            verb == TableVerb.Add ? $"{column} = coalesce({table}.{column}, 0) + excluded.{column}" : $"{column} = excluded.{column}").ToArray();
        return $"""
            INSERT INTO {table} ({string.Join(", ", columns.Select(SqliteText.Name))}) VALUES ({string.Join(", ", columns.Select((_, i) => $"?{i + 1}"))})
            ON CONFLICT ({string.Join(", ", _key.Select(SqliteText.Name))}) DO {(set.Length == 0 ? "NOTHING" : $"UPDATE SET {string.Join(", ", set)}")}
            """;
    }

    private SandboxException Refuse(int index, string why) => new(ErrorCodes.SinkFailed, $"The table \"{_table}\" does not take record {index + 1}: {why}");

    /// <summary>What is said of a parameter is said of its column.</summary>
    private static string Named(string message, List<string> columns)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            var parameter = $"Parameter {i + 1} ";
            if (message.StartsWith(parameter, StringComparison.Ordinal))
            {
                return $"the column \"{columns[i]}\" {message[parameter.Length..]}";
            }
        }

        return message;
    }
}
