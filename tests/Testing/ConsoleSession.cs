using System.Text.RegularExpressions;

namespace HeliosEdge.Testing;

/// <summary>A command that a document shows, and what the document says it prints.</summary>
/// <param name="Command">What is behind the <c>$</c>.</param>
/// <param name="Expected">The lines below it. A line that is <c>…</c> stands for any lines, and <c>…</c> in a line for any text.</param>
public sealed record ConsoleStep(string Command, IReadOnlyList<string> Expected)
{
    /// <summary>Whether a text is what the document says.</summary>
    public bool Fits(string printed)
    {
        var lines = printed.TrimEnd('\n').Split('\n').Select(line => line.TrimEnd());
        var pattern = string.Concat(Expected.Select(line => line == "…" ? "(?:.*\n)*" : Regex.Escape(line).Replace("…", ".*", StringComparison.Ordinal) + "\n"));
        return Regex.IsMatch(printed.Length == 0 ? "" : string.Concat(lines.Select(line => line + "\n")), $@"\A{pattern}\z", RegexOptions.CultureInvariant);
    }
}

/// <summary>What a document has somebody type.</summary>
public static class ConsoleSession
{
    /// <summary>Reads the blocks of the kind <c>console</c> in one section of a document.</summary>
    /// <param name="markdown">The document.</param>
    /// <param name="heading">The section's heading, such as <c>## A tour</c>; it ends before the next one of its kind.</param>
    public static IReadOnlyList<ConsoleStep> Read(string markdown, string heading)
    {
        var kind = heading[..(heading.IndexOf(' ', StringComparison.Ordinal) + 1)];
        var section = markdown.Split('\n').SkipWhile(line => line != heading).Skip(1).TakeWhile(line => !line.StartsWith(kind, StringComparison.Ordinal));
        var steps = new List<ConsoleStep>();
        var inside = false;
        foreach (var line in section)
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inside = line == "```console";
            }
            else if (inside && line.StartsWith("$ ", StringComparison.Ordinal))
            {
                steps.Add(new ConsoleStep(line[2..], []));
            }
            else if (inside)
            {
                steps[^1] = steps[^1] with { Expected = [.. steps[^1].Expected, line.TrimEnd()] };
            }
        }

        return steps;
    }
}
