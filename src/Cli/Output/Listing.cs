using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace HeliosEdge.Cli.Output;

/// <summary>Results on stdout: tables for people, plain columns when piped, JSON when asked for.</summary>
internal static class Listing
{
    // Wide enough that a pipe never sees a wrapped line: a hash, a name and a handful of regions.
    private const int PipeWidth = 4096;

    public static Table Table(params string[] columns)
    {
        var piped = Console.IsOutputRedirected;
        var table = new Table { Border = piped ? TableBorder.None : TableBorder.Rounded };
        foreach (var column in columns)
        {
            var shown = new TableColumn(new Text(column)).NoWrap();
            table.AddColumn(piped ? shown.PadLeft(0).PadRight(2) : shown);
        }

        return table;
    }

    public static void AddTextRow(this Table table, params string[] cells) =>
        table.AddRow(cells.Select(c => new Text(ErrorLine.OneLine(c))));

    public static void Write(Table table)
    {
        if (!Console.IsOutputRedirected)
        {
            AnsiConsole.Write(table);
            return;
        }

        using var plain = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(plain),
        });
        console.Profile.Width = PipeWidth;
        console.Write(table);

        // The last column is padded, too: no pipe wants that.
        foreach (var line in plain.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Console.Out.WriteLine(line.TrimEnd());
        }
    }

    public static void WriteJson<T>(T value, JsonTypeInfo<T> type) => Console.Out.WriteLine(JsonSerializer.Serialize(value, type));

    /// <summary>On a line of its own, whatever the context says of indentation.</summary>
    public static void WriteJsonLine<T>(T value, JsonTypeInfo<T> type)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        Console.Out.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}
