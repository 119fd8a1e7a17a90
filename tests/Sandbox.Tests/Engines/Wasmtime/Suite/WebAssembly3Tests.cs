using Xunit.Abstractions;

namespace HeliosEdge.Sandbox.Tests.Engines.Wasmtime.Suite;

/// <summary>The official core suite of WebAssembly 3.0, on libwasmtime as it is configured behind the port.</summary>
[Trait("Category", "Slow")]
public sealed class WebAssembly3Tests(ITestOutputHelper output)
{
    private const int OfficialFiles = 257;

    [SuiteFact]
    public void Every_command_does_what_the_suite_says()
    {
        var reports = SuiteFolder.Names.Select(SuiteRunner.Run).ToArray();
        var commands = SuiteFolder.Names.Sum(name => SuiteFolder.Commands(name).Count);
        var failures = reports.SelectMany(report => report.Failures).ToArray();

        output.WriteLine(
            $"{reports.Length} files, {commands} commands: {reports.Sum(report => report.Passed)} passed, {failures.Length} failed, {reports.Sum(report => report.Texts)} skipped (text)");
        failures.ShouldBeEmpty(string.Join(Environment.NewLine, failures.Take(40)));
        reports.Sum(report => report.Passed + report.Texts).ShouldBe(commands);
        reports.Length.ShouldBe(OfficialFiles);
    }
}
