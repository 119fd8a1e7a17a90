using System.Text.RegularExpressions;
using HeliosEdge.Sandbox.SecurityTests.Attacks;

namespace HeliosEdge.Sandbox.SecurityTests;

/// <summary>
/// Each defence in SECURITY.md names what holds it, in backticks, with ';' between: attacks ("attacks `group: name`, `name of the same group`, `*` for any
/// letters"), or tests (`Project` and then `Class`, `Class.Method`, or `.Method` of the same class; no project is this one). What it names is there.
/// </summary>
public sealed partial class PromiseTests
{
    private static readonly string Root = FindRoot();

    public static TheoryData<string, string> Defences
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var line in File.ReadLines(Path.Combine(Root, "SECURITY.md")).SkipWhile(line => !line.StartsWith("| defence", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|')))
            {
                var cells = line.Trim('|').Split(" | ", StringSplitOptions.TrimEntries);
                data.Add(cells[0], cells.Length == 2 ? cells[1] : "");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Defences))]
    public void What_holds_a_defence_is_there(string defence, string heldBy)
    {
        var named = 0;
        foreach (var part in heldBy.Split(';', StringSplitOptions.TrimEntries))
        {
            var names = Quoted().Matches(part).Select(match => match.Groups[1].Value).ToList();
            names.ShouldNotBeEmpty($"{defence}: \"{part}\" names nothing in backticks");
            if (part.StartsWith("attack", StringComparison.Ordinal))
            {
                CheckAttacks(names);
                named++;
            }
            else
            {
                named += CheckTests(names);
            }
        }

        named.ShouldBeGreaterThan(0, $"{defence}: nothing holds it");
    }

    [Fact]
    public void There_are_defences() => Defences.Count().ShouldBeGreaterThan(30);

    private static void CheckAttacks(List<string> names)
    {
        var group = "";
        foreach (var name in names)
        {
            if (name.IndexOf(": ", StringComparison.Ordinal) is var end and >= 0)
            {
                group = name[..(end + 2)];
            }

            string[] patterns = [name, group + name];
            AllAttacks.All.ShouldContain(attack => patterns.Any(pattern => IsLike(attack.Name, pattern)), $"no attack is called {name}");
        }
    }

    private static int CheckTests(List<string> names)
    {
        var project = "Sandbox.SecurityTests";
        var type = "";
        var tests = 0;
        foreach (var name in names)
        {
            if (Directory.Exists(Path.Combine(Root, "tests", name)))
            {
                project = name;
                continue;
            }

            var dot = name.IndexOf('.', StringComparison.Ordinal);
            type = dot switch
            {
                < 0 => name,
                0 => type,
                _ => name[..dot],
            };
            var sources = Directory.EnumerateFiles(Path.Combine(Root, "tests", project), "*.cs", SearchOption.AllDirectories)
                .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
                .Select(File.ReadAllText)
                .Where(text => Regex.IsMatch(text, $@"\bclass {Regex.Escape(type)}\b"))
                .ToList();
            sources.ShouldNotBeEmpty($"there is no class {type} in tests/{project}");
            var test = dot < 0 ? null : name[(dot + 1)..];
            sources.ShouldContain(text => HasTest(text, test), $"{type} in tests/{project} has no test {name}");
            tests++;
        }

        return tests;
    }

    /// <summary>Whether a source has a test; null for any.</summary>
    private static bool HasTest(string source, string? name)
    {
        var isTest = false;
        foreach (var line in source.Split('\n'))
        {
            // A blank line ends what belongs to a method's head.
            isTest = line.Trim().Length > 0 && (isTest || IsTest().IsMatch(line));
            if (isTest && line.Contains("public ", StringComparison.Ordinal) && (name is null || line.Contains($" {name}(", StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsLike(string name, string pattern) =>
        Regex.IsMatch(name, $"^{Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal)}$", RegexOptions.Singleline);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SECURITY.md")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"SECURITY.md is in no folder above {AppContext.BaseDirectory}.");
    }

    [GeneratedRegex(@"^\s*\[\w*(Fact|Theory)\b")]
    private static partial Regex IsTest();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
