using System.Text;

namespace HeliosEdge.Cli.Output;

/// <summary>Writes <c>error: code: detail</c>. Text from a silo or a module cannot break the line or reach the terminal as control codes.</summary>
internal static class ErrorLine
{
    public static int Write(string code, string detail, int exitCode)
    {
        Console.Error.WriteLine(OneLine($"error: {code}: {detail}"));
        return exitCode;
    }

    public static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            line.Append(char.IsControl(c) ? ' ' : c);
        }

        return line.ToString().TrimEnd();
    }
}
