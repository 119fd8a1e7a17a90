using System.Text.Json;
using Xunit.Abstractions;

namespace HeliosEdge.Wasm.Tests.Spec;

/// <summary>The official core test suite, run as data.</summary>
[Trait("Category", "Slow")]
public sealed class SpecSuiteTests(ITestOutputHelper output) : IClassFixture<SpecTotals>
{
    /// <summary>How many files the suite of WebAssembly 2.0 has.</summary>
    private const int OfficialFiles = 147;

    // A theory without rows is a failure even when it is skipped, hence the placeholder.
    public static TheoryData<string> Files => [.. SpecFolder.Exists ? SpecFolder.Names : ["no suite"]];

    [SpecTheory]
    [MemberData(nameof(Files))]
    public void Every_command_of_the_file_does_what_the_suite_says(string file)
    {
        var report = SpecSuite.Report(file);
        output.WriteLine(report.ToString());
        report.Failures.Count.ShouldBe(0, report.Describe());
    }

    [SpecFact]
    public void No_command_of_the_whole_suite_is_left_out_but_those_in_the_text_format()
    {
        var commands = 0;
        var texts = 0;
        foreach (var name in SpecFolder.Names)
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(SpecFolder.JsonOf(name)));
            foreach (var command in document.RootElement.GetProperty("commands").EnumerateArray())
            {
                commands++;
                if (command.TryGetProperty("module_type", out var type)
                    && type.GetString() == "text"
                    && !command.TryGetProperty("binary_filename", out _))
                {
                    texts++;
                }
            }
        }

        var reports = SpecFolder.Names.Select(SpecSuite.Report).ToArray();
        var byKind = reports
            .SelectMany(report => report.PassedByKind)
            .GroupBy(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        foreach (var kind in byKind.OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"{kind.Key}: {kind.Sum()} passed");
        }

        output.WriteLine($"text: {texts} skipped, of {commands} commands in {reports.Length} files");
        reports.Sum(report => report.Failures.Count).ShouldBe(
            0,
            string.Join(Environment.NewLine, reports.Where(r => r.Failures.Count > 0).Select(r => r.ToString())));
        reports.Sum(report => report.Commands).ShouldBe(commands);
        reports.Sum(report => report.SkippedText).ShouldBe(texts);
        reports.Sum(report => report.Passed).ShouldBe(commands - texts);
        if (!SpecFolder.IsStated)
        {
            reports.Length.ShouldBe(OfficialFiles);
        }
    }
}
