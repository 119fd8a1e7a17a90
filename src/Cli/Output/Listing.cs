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
        var table = new Table { Border = Console.IsOutputRedirected ? TableBorder.None : TableBorder.Rounded };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column)).NoWrap());
        }

        return table;
    }

    public static void AddTextRow(this Table table, params string[] cells) =>
        table.AddRow(cells.Select(c => new Text(ErrorLine.OneLine(c))));

    public static void Write(Table table)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = PipeWidth;
        }

        console.Write(table);
    }

    public static void WriteJson<T>(T value, JsonTypeInfo<T> type) => Console.Out.WriteLine(JsonSerializer.Serialize(value, type));
}
