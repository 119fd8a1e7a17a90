using System.Text.Encodings.Web;
using System.Text.Json;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;
using Spectre.Console;

namespace HeliosEdge.Cli.Sql;

/// <summary>Writes what statements gave to standard output.</summary>
internal sealed class SqlOutput(SqlFormat format)
{
    private const string Null = "NULL";
    private const string CsvEnd = "\r\n";

    private static readonly JsonWriterOptions Legible = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes what one statement gave.</summary>
    public void Write(SqlResult result)
    {
        switch (format)
        {
            case SqlFormat.Json:
                WriteJson(writer => WriteResult(writer, result));
                break;
            case SqlFormat.Csv:
                WriteCsv(result);
                break;
            default:
                WriteTable(result);
                break;
        }
    }

    /// <summary>Writes what each statement of a batch gave; as JSON it is one list.</summary>
    public void Write(IReadOnlyList<SqlResult> results)
    {
        if (format != SqlFormat.Json)
        {
            foreach (var result in results)
            {
                Write(result);
            }

            return;
        }

        WriteJson(writer =>
        {
            writer.WriteStartArray();
            foreach (var result in results)
            {
                WriteResult(writer, result);
            }

            writer.WriteEndArray();
        });
    }

    // On one line, with numbers written as they came.
    private static void WriteJson(Action<Utf8JsonWriter> write)
    {
        using var line = new MemoryStream();
        using (var writer = new Utf8JsonWriter(line, Legible))
        {
            write(writer);
        }

        line.Write("\n"u8);
        Console.Out.Flush();
        using var output = Console.OpenStandardOutput();
        line.WriteTo(output);
    }

    private static void WriteResult(Utf8JsonWriter writer, SqlResult result)
    {
        writer.WriteStartObject();
        if (result is { Columns: { } columns, Rows: { } rows })
        {
            writer.WriteStartArray("columns");
            foreach (var column in columns)
            {
                writer.WriteStringValue(column);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("rows");
            foreach (var row in rows)
            {
                writer.WriteStartArray();
                foreach (var value in row)
                {
                    value.WriteTo(writer);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }

        if (result.RowsAffected is { } affected)
        {
            writer.WriteNumber("rowsAffected", affected);
        }

        if (result.LastInsertId is { } id)
        {
            writer.WriteNumber("lastInsertId", id);
        }

        writer.WriteEndObject();
    }

    private static void WriteCsv(SqlResult result)
    {
        if (result is not { Columns: { } columns, Rows: { } rows })
        {
            return;
        }

        Console.Out.Write(CsvText.Record(columns) + CsvEnd);
        foreach (var row in rows)
        {
            Console.Out.Write(CsvText.Record(row) + CsvEnd);
        }
    }

    private static void WriteTable(SqlResult result)
    {
        if (result is not { Columns: { Count: > 0 } columns, Rows: { } rows })
        {
            var changed = result.RowsAffected ?? 0;
            Console.Out.WriteLine($"{changed} {(changed == 1 ? "row" : "rows")} changed");
            return;
        }

        var table = Listing.Table([.. columns.Select(ErrorLine.OneLine)]);
        foreach (var row in rows)
        {
            table.AddRow(row.Select(Cell));
        }

        Listing.Write(table);
    }

    private static Text Cell(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => new Text(Null, new Style(decoration: Decoration.Dim | Decoration.Italic)),

        // A text that reads like NULL is not to be taken for it.
        JsonValueKind.String => new Text(value.ValueEquals(Null) ? $"'{Null}'" : ErrorLine.OneLine(value.GetString()!)),
        _ => new Text(ErrorLine.OneLine(value.GetRawText())),
    };
}
