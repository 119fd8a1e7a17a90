using System.Text;
using System.Text.Json;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;

namespace HeliosEdge.Data.Postgres.Triggers;

/// <summary>One event of a trigger, as the server has it on a table now.</summary>
/// <param name="Table">The number of the table.</param>
/// <param name="Name">The trigger's name there.</param>
/// <param name="TableSql">The table's name for statements.</param>
/// <param name="Event">The event.</param>
/// <param name="Definition">What the trigger is.</param>
/// <param name="Columns">The columns of the table's rows, in their order.</param>
internal sealed record ServerTrigger(
    uint Table, string Name, string TableSql, string Event, TriggerDefinition Definition, IReadOnlyList<TriggerColumn> Columns)
{
    private const int MaxKeyChars = 1_000;

    /// <summary>The columns that the guest gets.</summary>
    public IReadOnlySet<string> Shown { get; } = Definition.Columns.IsEmpty
        ? Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal)
        : Definition.Columns.ToHashSet(StringComparer.Ordinal);

    /// <summary>Those of them that it may change.</summary>
    public IReadOnlySet<string> Changeable { get; } = Columns.Where(column => !column.IsKey && (Definition.Columns.IsEmpty || Definition.Columns.Contains(column.Name))).Select(column => column.Name).ToHashSet(StringComparer.Ordinal);

    public bool HasKey => Columns.Any(column => column.IsKey);

    /// <summary>The values of a row.</summary>
    /// <exception cref="FormatException">It is no row of the table; the message follows a name.</exception>
    public List<string?> Read(string row) => PostgresRecord.Read(row) is var values && values.Count == Columns.Count
        ? values
        : throw new FormatException($"has {values.Count} values, and the table has {Columns.Count} columns");

    /// <summary>Writes the columns that the guest gets as an object.</summary>
    /// <exception cref="FormatException">JSON cannot have a value; the message is a sentence without its end.</exception>
    public void Write(Utf8JsonWriter writer, IReadOnlyList<string?>? row)
    {
        if (row is null)
        {
            writer.WriteNullValue();
            return;
        }

        WriteThose(writer, row, column => Shown.Contains(column.Name));
    }

    /// <summary>What tells a row from others of its table: the values of the primary key, none of which has a zero in it.</summary>
    public string IdentityOf(IReadOnlyList<string?> row) => string.Join('\0', row.Where((_, i) => Columns[i].IsKey));

    /// <summary>The same for messages, as JSON: the primary key, or all of the row without one.</summary>
    public string KeyOf(IReadOnlyList<string?> row)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { SkipValidation = true }))
        {
            WriteThose(writer, row, column => column.IsKey || !HasKey);
        }

        var key = Encoding.UTF8.GetString(json.ToArray());
        return key.Length <= MaxKeyChars ? key : key[..MaxKeyChars] + "…";
    }

    private void WriteThose(Utf8JsonWriter writer, IReadOnlyList<string?> row, Func<TriggerColumn, bool> isWanted)
    {
        writer.WriteStartObject();
        for (var i = 0; i < Columns.Count; i++)
        {
            if (!isWanted(Columns[i]))
            {
                continue;
            }

            writer.WritePropertyName(Columns[i].Name);
            if (row[i] is { } text)
            {
                try
                {
                    PostgresJson.Write(writer, Encoding.UTF8.GetBytes(text), Columns[i].Type);
                }
                catch (FormatException e)
                {
                    throw new FormatException($"The value of the column \"{Sandbox.Quoted.Of(Columns[i].Name)}\" {e.Message}", e);
                }
            }
            else
            {
                writer.WriteNullValue();
            }
        }

        writer.WriteEndObject();
    }
}
