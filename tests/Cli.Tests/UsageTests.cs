using Shouldly;
using Xunit;

namespace HeliosEdge.Cli.Tests;

/// <summary>A wrong command line is one line on stderr, exit code 2, and nothing on stdout.</summary>
public sealed class UsageTests
{
    public static readonly TheoryData<string[], string> WrongCommandLines = new()
    {
        { [], "Required command" },
        { ["lanuch"], "'lanuch' is no command" },
        { ["deploy", "greet"], "deploy" },
        { ["deploy", "greet", "x.wasm", "--memory-mib", "0"], "--memory-mib" },
        { ["deploy", "greet", "x.wasm", "--memory-mib", "many"], "many" },
        { ["deploy", "greet", "x.wasm", "--timeout-ms", "-5"], "--timeout-ms" },
        { ["deploy", "..", "x.wasm"], "'..' is not the name of a function" },
        { ["invoke"], "invoke" },
        { ["invoke", "greet", "--data"], "--data" },
        { ["functions", "--region", ".."], "'..' is not the name of a region" },
        { ["regions", "--url", "ftp://example.org"], "ftp://example.org" },
        { ["regions", "--url", "localhost"], "localhost" },
        { ["regions", "extra"], "extra" },
        { ["regions", "--url", "http://127.0.0.1:1", "--url", "http://127.0.0.1:2"], "--url" },
        { ["run"], "run" },
        { ["run", "x.wasm", "--fuel", "99999999999999999999"], "from 0 to 9223372036854775807" },
        { ["run", "x.wasm", "--fuel", "-1"], "--fuel" },
        { ["run", "x.wasm", "--timeout-ms", "0"], "--timeout-ms" },
    };

    [Theory]
    [MemberData(nameof(WrongCommandLines))]
    public async Task AWrongCommandLineIsOneLineThatNamesTheMistake(string[] arguments, string mistake)
    {
        var outcome = await Helios.RunAsync(arguments);

        outcome.ExitCode.ShouldBe(2);
        outcome.Output.ShouldBeEmpty();
        var line = outcome.ErrorLines.ShouldHaveSingleItem();
        line.ShouldStartWith("error: usage: ");
        line.ShouldContain(mistake);
        line.ShouldContain("--help'");
    }

    [Fact]
    public async Task AWrongAddressInTheEnvironmentIsNamedAsComingFromThere()
    {
        var outcome = await Helios.RunAsync(
            new Helios.Settings { Environment = { ["HELIOS_URL"] = "nonsense" } }, "regions");

        outcome.ExitCode.ShouldBe(2);
        outcome.ErrorLines.ShouldHaveSingleItem().ShouldContain("HELIOS_URL: 'nonsense'");
    }

    [Theory]
    [InlineData("run", "no-such.wasm")]
    [InlineData("deploy", "greet", "no-such.wasm")]
    [InlineData("invoke", "greet", "--data", "@no-such.wasm")]
    public async Task AMissingFileIsNamed(params string[] arguments)
    {
        var outcome = await Helios.RunAsync(arguments);

        outcome.ExitCode.ShouldBe(2);
        outcome.ErrorLines.ShouldHaveSingleItem().ShouldBe("error: file_not_found: There is no file 'no-such.wasm'.");
    }

    [Fact]
    public async Task ADirectoryIsNoModule()
    {
        var outcome = await Helios.RunAsync("run", Path.GetTempPath());

        outcome.ExitCode.ShouldBe(2);
        outcome.ErrorLines.ShouldHaveSingleItem().ShouldStartWith("error: file_unreadable: ");
    }
}
